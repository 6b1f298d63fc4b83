import Generation
import Kernels
import Synchronization

/// A model whose blocks hold token ids, and whose logits are a hash of the tokens that it reads back through the block
/// tables: whatever goes wrong with tables, copies or positions changes the text.
final class FakeExecutor: ModelExecutor {
  static let vocabularySize = 300

  struct Failure: Error, CustomStringConvertible {
    var description = "the cable is loose"
  }

  private let blockSize: Int
  private var slots: [Int32]
  private var values: [Float] = []
  /// Steps, counted from 0, that fail after half of their tokens are written.
  var failingSteps: Set<Int> = []
  /// Steps whose logits are no numbers.
  var brokenSteps: Set<Int> = []
  /// The next token of a sequence, whatever its hash; nil: by the hash.
  var script: (([Int32]) -> Int32?)?
  /// Called before each step.
  var gate: (() -> Void)?
  private(set) var steps = 0
  private(set) var largestBatch = 0

  init(_ configuration: SchedulerConfiguration) {
    blockSize = configuration.policy.blockSize
    slots = Array(repeating: -1, count: configuration.blockCount * blockSize)
  }

  func execute(_ step: ScheduledStep) throws -> ExecutedStep {
    gate?()
    defer { steps += 1 }
    largestBatch = max(largestBatch, step.runs.count)
    for copy in step.copies {
      for slot in 0..<blockSize { slots[Int(copy.to) * blockSize + slot] = slots[Int(copy.from) * blockSize + slot] }
    }
    let fails = failingSteps.contains(steps)
    for run in step.runs.prefix(fails ? step.runs.count / 2 : step.runs.count) {
      for (offset, token) in step.tokens[run.tokens].enumerated() {
        slots[slot(run.start + offset, step.tables[run.table])] = token
      }
    }
    if fails {
      // What the cache holds now is not to be trusted.
      for index in slots.indices { slots[index] = -7 }
      throw Failure()
    }
    values.removeAll()
    var rows = 0
    for run in step.runs where !run.samples.isEmpty {
      let tokens = (0..<run.start + run.tokens.count).map { slots[slot($0, step.tables[run.table])] }
      values += brokenSteps.contains(steps) ? Array(repeating: .nan, count: Self.vocabularySize) : logits(after: tokens)
      rows += 1
    }
    return values.withUnsafeMutableBufferPointer {
      // The array is left alone until the next step.
      ExecutedStep(
        logits: LogitRows(
          values: $0, rows: rows, stride: Self.vocabularySize, vocabularySize: Self.vocabularySize))
    }
  }

  private func slot(_ position: Int, _ table: ArraySlice<Int32>) -> Int {
    Int(table[table.startIndex + position / blockSize]) * blockSize + position % blockSize
  }

  func logits(after tokens: [Int32]) -> [Float] {
    var hash: UInt64 = 0x9E37_79B9_7F4A_7C15
    for token in tokens { hash = (hash ^ UInt64(UInt32(bitPattern: token))) &* 0xD6E8_FEB8_6659_FD93 &+ hash >> 29 }
    var random = SplitMix64(seed: hash)
    var row = (0..<Self.vocabularySize).map { _ in Float(random.next() >> 40) * 0x1p-22 }
    if let token = script?(tokens) { row[Int(token)] = 50 }
    return row
  }
}

/// One output, made without scheduler, blocks or batches.
enum LoneRun {
  static func tokens(
    prompt: [Int32], sampling: SamplingParameters, choice: Int, endTokens: [Int32], maxModelLength: Int,
    executor: FakeExecutor
  ) throws -> (tokens: [Int32], reason: FinishReason) {
    let stopTokens = Set(sampling.stopTokens + (sampling.ignoreEOS ? [] : endTokens))
    let chooser = ChoiceSampler(
      parameters: sampling, prompt: prompt, stopTokens: stopTokens, seed: (sampling.seed ?? 0) + UInt64(choice))
    let sampler = Sampler(vocabularySize: FakeExecutor.vocabularySize)
    var tokens: [Int32] = []
    while true {
      var row = executor.logits(after: prompt + tokens)
      var next: [SampledToken] = []
      try row.withUnsafeMutableBufferPointer { row in
        let logits = LogitRows(values: row, rows: 1, stride: row.count, vocabularySize: row.count)
        try sampler.sample(logits, rows: [0..<1], samplers: [chooser], into: &next)
      }
      chooser.accept(next[0].token)
      tokens.append(next[0].token)
      if stopTokens.contains(next[0].token), tokens.count >= sampling.minTokens { return (tokens, .stop) }
      if tokens.count == sampling.maxTokens || prompt.count + tokens.count == maxModelLength {
        return (tokens, .length)
      }
    }
  }
}
