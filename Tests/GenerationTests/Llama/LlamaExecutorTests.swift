import Generation
import JSON
import ModelFiles
import Testing

/// The fast path, held against the plain one and against itself: what a sequence comes to depends on nothing but the sequence.
@Suite struct LlamaExecutorTests {
  private typealias Random = SyntheticLlama.SplitMix

  /// Shapes of the families that are read: SmolLM2, Llama 3, Qwen2, and odd ones.
  private static func shape(_ index: Int) -> LlamaConfiguration {
    let (heads, keyValueHeads, width) = [(9, 3, 64), (8, 2, 32), (7, 1, 80), (4, 4, 16), (2, 2, 128), (6, 2, 96)][index]
    let scaling = LlamaConfiguration.Rotary.Scaling(
      factor: 8, lowFrequencyFactor: 1, highFrequencyFactor: 4, originalPositions: 64)
    let hidden = heads * width % 32 == 0 ? 96 : 64
    return LlamaConfiguration(
      hiddenSize: hidden, layers: 2, heads: heads * (heads * width % 32 == 0 ? 1 : 2),
      keyValueHeads: keyValueHeads * (heads * width % 32 == 0 ? 1 : 2), headDimension: width, intermediateSize: 160,
      vocabularySize: 200, maximumPositions: 2048, normEpsilon: 1e-5,
      rotary: .init(base: 10_000, pairs: index % 2 == 0 ? .interleaved : .halves, scaling: index == 1 ? scaling : nil),
      hasAttentionBias: index == 2, tiesEmbeddings: index % 2 == 0)
  }

  private static func text(_ count: Int, _ random: inout Random) -> [Int32] {
    (0..<count).map { _ in Int32.random(in: 0..<200, using: &random) }
  }

  private static func blocks(_ tokens: Int, of size: Int) -> Int { (tokens + size - 1) / size }

  /// Tables whose blocks lie in no order.
  private static func table(_ tokens: Int, blockSize: Int, _ free: inout [Int32]) -> [Int32] {
    (0..<blocks(tokens, of: blockSize)).map { _ in free.removeLast() }
  }

  @Test(arguments: 0..<6) func agreesWithFloat32(index: Int) throws {
    var random = Random(state: UInt64(index))
    let model = SyntheticLlama(Self.shape(index), weights: .f32, output: .f16, seed: UInt64(index + 10))
    let ids = Self.text(150, &random)
    let table = Array(Array(Int32(0)..<20).shuffled(using: &random).prefix(Self.blocks(150, of: 16)))
    let fast = try LlamaExecutor(model: model, blockCount: 20, threads: 2).logits(ids, table: table)
    let plain = try ReferenceExecutor(model: model, blockCount: 20, blockSize: 16, threads: 1).logits(ids, table: table)
    // Keys, values, queries and weights of the softmax are rounded to bf16.
    #expect(relativeDifference(fast, plain) < 0.01)
  }

  @Test func agreesWithFloat32InBytes() throws {
    var random = Random(state: 3)
    for (weights, output) in [(SyntheticLlama.Code.q41, SyntheticLlama.Code.q80), (.q80, .q40), (.f16, .q80)] {
      let model = SyntheticLlama(Self.shape(0), weights: weights, output: output, seed: 5)
      let ids = Self.text(100, &random)
      let fast = try LlamaExecutor(model: model, blockCount: 8, threads: 2).logits(ids, table: Array(0..<7))
      let plain = try ReferenceExecutor(model: model, blockCount: 8, blockSize: 16, threads: 1)
        .logits(ids, table: Array(0..<7))
      #expect(relativeDifference(fast, plain) < 0.05)
    }
  }

  @Test func mixesQuantisedAndFloatingPointProjections() throws {
    var random = Random(state: 8)
    let model = SyntheticLlama(Self.shape(1), weights: .q80, value: .f16)
    let ids = Self.text(40, &random)
    let fast = try LlamaExecutor(model: model, blockCount: 3, threads: 1).logits(ids, table: [2, 0, 1])
    let plain = try ReferenceExecutor(model: model, blockCount: 3, blockSize: 16, threads: 1)
      .logits(ids, table: [2, 0, 1])
    #expect(relativeDifference(fast, plain) < 0.05)
  }

  /// Root mean square of what differs, against that of what is there.
  private func relativeDifference(_ rows: [[Float]], _ expected: [[Float]]) -> Float {
    let squares = zip(rows.joined(), expected.joined()).reduce(into: (difference: Float(0), whole: Float(0))) {
      $0.difference += ($1.0 - $1.1) * ($1.0 - $1.1)
      $0.whole += $1.1 * $1.1
    }
    return rows.map(\.count) == expected.map(\.count) ? (squares.difference / squares.whole).squareRoot() : .infinity
  }

  /// The logits after the last token of a text, computed whole by an executor that does nothing else.
  private func alone(_ model: SyntheticLlama, _ ids: [Int32], threads: Int = 1) throws -> [Float] {
    let blocks = Self.blocks(ids.count, of: 16)
    let executor = try LlamaExecutor(model: model, blockCount: blocks, threads: threads)
    var step = ScheduledStep()
    step.append(ids, start: 0, table: Array(0..<Int32(blocks)))
    return try executor.rows(step)[0]
  }

  /// Texts in pieces of random lengths, several at a time, on blocks of any size: the same to the last bit.
  @Test(arguments: 0..<6) func isTheSameInPiecesAndInCompany(index: Int) throws {
    let model = SyntheticLlama(Self.shape(index), seed: UInt64(index))
    for seed in UInt64(0)..<4 {
      var random = Random(state: seed &* 77 &+ UInt64(index))
      let blockSize = [16, 8, 32, 48, 128][Int(seed) % 5]
      let texts = (0..<Int.random(in: 2...9, using: &random)).map { _ in
        Self.text(Int.random(in: 1...(seed == 0 ? 700 : 150), using: &random), &random)
      }
      let count = texts.reduce(0) { $0 + Self.blocks($1.count, of: blockSize) }
      var free = Array(0..<Int32(count)).shuffled(using: &random)
      let tables = texts.map { Self.table($0.count, blockSize: blockSize, &free) }
      let executor = try LlamaExecutor(
        model: model, blockCount: count, blockSize: blockSize, threads: 2, maxBatchedTokens: 64)
      var done = texts.map { _ in 0 }
      var results: [Int: [Float]] = [:]
      while results.count < texts.count {
        var step = ScheduledStep()
        var finished: [Int] = []
        for index in texts.indices where done[index] < texts[index].count && Bool.random(using: &random) {
          let left = texts[index].count - done[index]
          let piece = min(left, [1, 1, 7, 40, 200].randomElement(using: &random) ?? 1)
          step.append(
            texts[index][done[index]..<done[index] + piece], request: index, start: done[index], table: tables[index],
            samples: piece == left)
          done[index] += piece
          if piece == left { finished.append(index) }
        }
        for (index, row) in zip(finished, try executor.rows(step)) { results[index] = row }
      }
      for (index, text) in texts.enumerated() {
        #expect(results[index] == (try alone(model, text)), "seed \(seed), text \(index) of \(text.count)")
      }
    }
  }

  /// Choices that begin with the same blocks, read once for all of them: the same to the last bit.
  @Test(arguments: [1, 2, 3]) func isTheSameWithSharedBlocks(threads: Int) throws {
    let model = SyntheticLlama(Self.shape(0), seed: 4)
    for seed in UInt64(0)..<6 {
      var random = Random(state: seed)
      let prefixes = (0..<3).map { _ in Self.text(16 * Int.random(in: 0...40, using: &random), &random) }
      var texts: [(prefix: Int, ids: [Int32])] = []
      for prefix in prefixes.indices {
        for _ in 0..<Int.random(in: 1...5, using: &random) {
          texts.append((prefix, prefixes[prefix] + Self.text(Int.random(in: 1...60, using: &random), &random)))
        }
      }
      var free = Array(0..<Int32(400)).shuffled(using: &random)
      let shared = prefixes.map { Self.table($0.count, blockSize: 16, &free) }
      let executor = try LlamaExecutor(model: model, blockCount: 400, threads: threads)
      var step = ScheduledStep()
      for (index, prefix) in prefixes.enumerated() where !prefix.isEmpty {
        step.append(prefix, request: index, start: 0, table: shared[index], samples: false)
      }
      if !step.runs.isEmpty { #expect(try executor.rows(step).isEmpty) }
      let tables = texts.map { text in
        shared[text.prefix] + Self.table(text.ids.count - prefixes[text.prefix].count, blockSize: 16, &free)
      }
      // All but the last token of each, then the last tokens together.
      for last in [false, true] {
        step.clear()
        for (index, text) in texts.enumerated() {
          let start = last ? text.ids.count - 1 : prefixes[text.prefix].count
          let ids = text.ids[start..<(last ? text.ids.count : text.ids.count - 1)]
          if !ids.isEmpty { step.append(ids, request: index, start: start, table: tables[index], samples: last) }
        }
        guard !step.runs.isEmpty else { continue }
        let rows = try executor.rows(step)
        guard last else { continue }
        for (index, text) in texts.enumerated() {
          #expect(rows[index] == (try alone(model, text.ids, threads: threads)), "seed \(seed), text \(index)")
        }
      }
    }
  }

  @Test func copiesBlocksBeforeItComputes() throws {
    let model = SyntheticLlama(Self.shape(0))
    var random = Random(state: 1)
    let text = Self.text(21, &random)
    let executor = try LlamaExecutor(model: model, blockCount: 5, threads: 2)
    var step = ScheduledStep()
    step.append(text.dropLast(), start: 0, table: [3, 1], samples: false)
    #expect(try executor.rows(step).isEmpty)
    step.clear()
    step.copies = [.init(from: 1, to: 4)]
    step.append([text[20]], start: 20, table: [3, 4])
    step.append([text[19]], request: 1, start: 20, table: [3, 1])
    #expect(try executor.rows(step) == [alone(model, text), alone(model, text.dropLast() + [text[19]])])
  }

  @Test func refusesStepsThatItCannotRun() throws {
    let executor = try LlamaExecutor(model: SyntheticLlama(Self.shape(0)), blockCount: 4, threads: 1)
    func failure(_ change: (inout ScheduledStep) -> Void) -> String? {
      var step = ScheduledStep()
      step.append([1, 2, 3], start: 15, table: [0, 1])
      change(&step)
      do {
        _ = try executor.execute(step)
        return nil
      } catch {
        return "\(error)"
      }
    }
    #expect(failure { _ in } == nil)
    #expect(failure { $0.tokens[1] = 200 }?.hasPrefix("token 200 is not in a vocabulary of 200") == true)
    #expect(failure { $0.tokens[0] = -1 }?.contains("token -1") == true)
    #expect(failure { $0.tables[1] = 4 }?.contains("block 4 of 4") == true)
    #expect(failure { $0.tables[0] = -1 }?.contains("block -1") == true)
    #expect(failure { $0.runs[0].start = 30 } == "33 tokens do not fit the 2 blocks of request 0")
    #expect(failure { $0.runs[0].tokens = 0..<4 }?.contains("outside its step") == true)
    #expect(failure { $0.copies = [.init(from: 0, to: 9)] } == "a step copies block 0 to 9 in a cache of 4")
  }

  @Test func refusesWhatItCannotCompute() throws {
    func failure(_ change: (inout LlamaConfiguration) -> Void = { _ in }, blocks: Int = 1, blockSize: Int = 16)
      -> String?
    {
      var configuration = Self.shape(0)
      change(&configuration)
      do {
        _ = try LlamaExecutor(
          model: SyntheticLlama(configuration), blockCount: blocks, blockSize: blockSize, threads: 1)
        return nil
      } catch {
        return "\(error)"
      }
    }
    #expect(failure() == nil)
    #expect(
      failure(blockSize: 12) == "KV blocks hold 8 tokens or a multiple of 16, not 12; choose another block size")
    #expect(failure(blockSize: 0)?.contains("not 0") == true)
    #expect(failure(blocks: 0) == "a KV cache needs at least one block")
    #expect(failure(blocks: .max)?.hasPrefix("the system has no room for") == true)
    #expect(failure(blocks: 1 << 40)?.hasPrefix("the system has no room for") == true)
    #expect(failure { $0.headDimension = 40 }?.contains("heads of 40 dimensions") == true)
    #expect(failure { $0.hiddenSize = 48 }?.contains("hidden size of 48") == true)
    #expect(try LlamaExecutor.bytesPerBlock(Self.shape(0), blockSize: 32) == 2 * 2 * 2 * 3 * 64 * 32)
  }

  /// Along llama.cpp's own texts, so that one near tie does not hide what follows it.
  @Test(
    .enabled(
      if: LlamaGoldens.smolLM2() != nil && LlamaGoldens.reference("smollm2/reference.json") != nil,
      "needs smollm2-135m in the cache and RAGMETER_REFERENCE"))
  func continuesAsLlamaCppDoes() throws {
    let model = try LanguageModel.open(#require(LlamaGoldens.smolLM2()))
    let executor = try LlamaExecutor(model: model.weights, blockCount: 8, threads: 2)
    var (positions, gaps) = (0, [Float]())
    for item in try #require(LlamaGoldens.reference("smollm2/reference.json")?["greedy"]?.array) {
      let (prompt, output) = (LlamaGoldens.ids(item["prompt_ids"]), LlamaGoldens.ids(item["output_ids"]))
      let rows = try executor.logits(prompt + output, table: Array(0..<8))
      for (index, id) in output.enumerated() {
        let row = rows[prompt.count + index - 1]
        positions += 1
        let gap = (row.max() ?? .infinity) - row[Int(id)]
        if gap > 0 { gaps.append(gap) }
      }
    }
    // Both round activations to bytes, at moments of their own: they part where the next best is near.
    #expect(positions == 302 && gaps.count <= 6 && gaps.allSatisfy { $0 < 0.35 }, "\(gaps)")
  }
}
