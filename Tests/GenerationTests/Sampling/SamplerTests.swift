import Foundation
import Generation
import Kernels
import Testing

/// The sampler against a plain one that sorts, and against its definitions.
@Suite struct SamplerTests {
  /// The next tokens of outputs that choose from rows of their own.
  static func sample(
    _ rows: [[Float]], _ samplers: [ChoiceSampler], threads: Int = 1, kernels: SamplingKernels = .active
  ) throws -> [SampledToken] {
    var values = rows.flatMap { $0 }
    var tokens: [SampledToken] = []
    let vocabulary = rows[0].count
    let sampler = Sampler(vocabularySize: vocabulary, threads: threads, kernels: kernels)
    try values.withUnsafeMutableBufferPointer { values in
      let logits = LogitRows(values: values, rows: rows.count, stride: vocabulary, vocabularySize: vocabulary)
      try sampler.sample(logits, rows: rows.indices.map { $0..<$0 + 1 }, samplers: samplers, into: &tokens)
    }
    // Equal bits: a row may hold what is no number.
    #expect(values.map(\.bitPattern) == rows.flatMap { $0 }.map(\.bitPattern), "the rows are left as they were")
    return tokens
  }

  private func sampler(_ parameters: SamplingParameters, prompt: [Int32] = [1], stop: [Int32] = []) -> ChoiceSampler {
    ChoiceSampler(parameters: parameters, prompt: prompt, stopTokens: stop, seed: parameters.seed ?? 0)
  }

  private func row(_ kind: Int, _ count: Int, _ random: inout SplitMix64) -> [Float] {
    let noise = (0..<count).map { _ in Float.random(in: -1...1, using: &random) + .random(in: -1...1, using: &random) }
    switch kind {
    case 0: return noise.map { $0 * 6 }
    case 1: return noise.map { ($0 * 3).rounded() }  // ties
    case 2: return noise.enumerated().map { $1 * 2 + ($0 % 97 == 3 ? 30 : 0) }  // peaks
    case 3: return noise.enumerated().map { $0 % 5 == 1 ? -.infinity : $0 % 7 == 2 ? .nan : $1 }
    case 4: return noise.map { $0 * 0.01 }  // flat
    default: return noise.map { $0 * 60 }  // most weigh nothing
    }
  }

  @Test(arguments: SamplingKernels.available) func drawsWhatSortingDraws(name: String) throws {
    let kernels = try #require(SamplingKernels.named(name))
    for seed in UInt64(0)..<1500 {
      var random = SplitMix64(seed: seed)
      var parameters = SamplingParameters()
      parameters.temperature = [0.1, 0.7, 1, 3].randomElement(using: &random) ?? 1
      parameters.topK = [0, 0, 1, 5, 60, 5000].randomElement(using: &random) ?? 0
      parameters.topP = [1, 1, 0.95, 0.5, 0.01, 0.9999].randomElement(using: &random) ?? 1
      parameters.minP = [0, 0, 0, 0.1, 1e-7, 1].randomElement(using: &random) ?? 0
      parameters.seed = seed
      let count = Int.random(in: 1...1400, using: &random)
      let row = row(Int(seed % 6), count, &random)
      guard row.contains(where: \.isFinite) else { continue }
      let plain = SortingSampler(parameters: parameters, row: row)
      // Where a limit falls on a token within rounding, either set is right.
      guard plain.distribution().margin > 1e-5 else { continue }
      var generator = SplitMix64(seed: seed)
      let uniform = Double(generator.next() >> 11) * 0x1p-53
      let drawn = try Self.sample([row], [sampler(parameters)], kernels: kernels)[0].token
      let expected = plain.tokens(at: uniform, within: 1e-5)
      #expect(expected.contains(Int(drawn)), "seed \(seed): \(drawn), not \(expected)")
    }
  }

  /// Pearson's chi-square over what 20 000 draws gave, against the limit that one in a million exceeds.
  @Test(arguments: [(Float(1), 0, Float(1)), (0.7, 12, 1), (1.5, 0, 0.8)])
  func drawsAsOftenAsProbabilitiesSay(temperature: Float, topK: Int, topP: Float) throws {
    var random = SplitMix64(seed: 9)
    let row = (0..<40).map { _ in Float.random(in: -2...2, using: &random) }
    var parameters = SamplingParameters()
    (parameters.temperature, parameters.topK, parameters.topP) = (temperature, topK, topP)
    let drawer = sampler(parameters)
    var counts: [Int: Double] = [:]
    let draws = 20_000
    for _ in 0..<draws {
      let token = try Self.sample([row], [drawer])[0].token
      drawer.accept(token)
      counts[Int(token), default: 0] += 1
    }
    let expected = SortingSampler(parameters: parameters, row: row).distribution().tokens
    #expect(Set(counts.keys).isSubset(of: expected.map(\.id)))
    let statistic = expected.reduce(0) { sum, token in
      let mean = token.probability * Double(draws)
      return sum + (counts[token.id, default: 0] - mean) * (counts[token.id, default: 0] - mean) / mean
    }
    // Wilson and Hilferty's approximation of the quantile at 1 - 1e-6 (z = 4.75).
    let freedom = Double(expected.count - 1)
    let root = 1 - 2 / (9 * freedom) + 4.75 * (2 / (9 * freedom)).squareRoot()
    #expect(statistic < freedom * root * root * root, "\(statistic) with \(freedom) degrees of freedom")
  }

  @Test func penaltiesByHand() throws {
    var parameters = SamplingParameters()
    parameters.temperature = 0
    parameters.repetitionPenalty = 2
    parameters.presencePenalty = 0.5
    parameters.frequencyPenalty = 0.25
    let output = sampler(parameters, prompt: [0, 0, 1])
    func next(_ row: [Float]) throws -> Int32 { try Self.sample([row], [output])[0].token }
    // Of the prompt: positive logits are halved, negative doubled; the others stay.
    #expect(try next([3.9, 1, 2, 0]) == 2)
    #expect(try next([4.1, 1, 2, 0]) == 0)
    #expect(try next([-9, -1, -1.9, -9]) == 2)
    #expect(try next([-9, -1, -2.1, -9]) == 1)
    output.accept(3)
    output.accept(3)
    // 3 was generated twice: 4 / 2 - 2 · 0.25 - 0.5 = 1.
    #expect(try next([0, 0, 0.9, 4]) == 3)
    #expect(try next([0, 0, 1.1, 4]) == 2)
    // A token of the prompt that is generated too is penalised once for repetition: 4 / 2 - 0.25 - 0.5 = 1.25.
    output.accept(0)
    #expect(try next([4, 0, 1.2, 0]) == 0)
    #expect(try next([4, 0, 1.3, 0]) == 2)
  }

  @Test func frequencyAndPresenceLeaveThePromptAlone() throws {
    var parameters = SamplingParameters()
    parameters.temperature = 0
    parameters.presencePenalty = 2
    let output = sampler(parameters, prompt: [1, 1])
    #expect(try Self.sample([[0, 1]], [output])[0].token == 1)
    output.accept(1)
    #expect(try Self.sample([[0, 1]], [output])[0].token == 0)
  }

  @Test func stopTokensAreBarredAndBiasesAdded() throws {
    var parameters = SamplingParameters()
    parameters.temperature = 0
    parameters.minTokens = 2
    parameters.logitBias = [3: 2.5, 0: -100]
    let output = sampler(parameters, stop: [2])
    for expected in [Int32(3), 3, 2] {
      let token = try Self.sample([[9, 1, 5, 0]], [output])[0].token
      #expect(token == expected)
      output.accept(token)
    }
  }

  @Test func logprobsAreOfTheRowAsTheModelGaveIt() throws {
    var random = SplitMix64(seed: 4)
    let row = (0..<700).map { _ in Float.random(in: -30...1, using: &random) } + [1, 1, -.infinity]
    let highest = Double(row.max() ?? 0)
    let sum = row.reduce(0) { $0 + exp(Double($1) - highest) }
    let order = row.indices.sorted { row[$0] > row[$1] || row[$0] == row[$1] && $0 < $1 }
    for count in [0, 1, 5, 20] {
      var parameters = SamplingParameters()
      parameters.logprobs = count
      parameters.temperature = 4
      parameters.logitBias = [5: 100]
      let answer = try #require(try Self.sample([row], [sampler(parameters)])[0].logprob)
      #expect(answer.token == 5)
      #expect(abs(Double(answer.logprob) - (Double(row[5]) - highest - log(sum))) < 1e-4)
      #expect(answer.top.map { Int($0.token) } == Array(order.prefix(count)))
      for (token, logprob) in answer.top {
        #expect(abs(Double(logprob) - (Double(row[Int(token)]) - highest - log(sum))) < 1e-4)
      }
    }
    // Fewer tokens than asked for, and some that have no probability.
    var parameters = SamplingParameters()
    parameters.logprobs = 20
    let few = try #require(try Self.sample([[1, -.infinity, -200]], [sampler(parameters)])[0].logprob)
    #expect(few.top.map(\.token) == [0, 2, 1])
    #expect(abs(few.top[0].logprob) < 1e-6 && few.top[2].logprob == -.infinity)
  }

  @Test(arguments: SamplingKernels.available) func equalLogitsGoToTheLowestToken(name: String) throws {
    let kernels = try #require(SamplingKernels.named(name))
    var parameters = SamplingParameters()
    parameters.temperature = 0
    for place in [0, 7, 15, 16, 511, 512, 600, 1023, 1299] {
      var row = [Float](repeating: -0.5, count: 1300)
      for tie in Set([place, 1299]) { row[tie] = 2 }
      #expect(Int(try Self.sample([row], [sampler(parameters)], kernels: kernels)[0].token) == place)
    }
    #expect(try Self.sample([[-0.0, 0.0]], [sampler(parameters)], kernels: kernels)[0].token == 0)
  }

  /// The same tokens alone and in a batch, on one thread and on several.
  @Test func drawsDoNotDependOnCompany() throws {
    var random = SplitMix64(seed: 5)
    let rows = (0..<40).map { _ in row(0, 900, &random) }
    func samplers() -> [ChoiceSampler] {
      (0..<40).map { index in
        var parameters = SamplingParameters()
        parameters.topP = index % 2 == 0 ? 0.9 : 1
        parameters.repetitionPenalty = 1.1
        parameters.seed = UInt64(index)
        return sampler(parameters)
      }
    }
    let alone = samplers()
    let together = samplers()
    for _ in 0..<5 {
      let expected = try zip(rows, alone).map { try Self.sample([$0], [$1])[0] }
      #expect(try Self.sample(rows, together, threads: 1) == expected)
      #expect(try Self.sample(rows, together, threads: 3) == expected)
      for (index, token) in expected.enumerated() {
        alone[index].accept(token.token)
        together[index].accept(token.token)
      }
    }
  }

  @Test func severalOutputsOfOneRow() throws {
    var values = (0..<64).map { Float($0 % 7) }
    var tokens: [SampledToken] = []
    let samplers = (0..<6).map { index in
      var parameters = SamplingParameters()
      parameters.logitBias = [Int32(index): 50]
      return sampler(parameters)
    }
    try values.withUnsafeMutableBufferPointer { values in
      let logits = LogitRows(values: values, rows: 2, stride: 32, vocabularySize: 32)
      try Sampler(vocabularySize: 32).sample(logits, rows: [0..<2, 2..<6], samplers: samplers, into: &tokens)
    }
    #expect(tokens.map(\.token) == [0, 1, 2, 3, 4, 5])
  }

  @Test func rowsWithoutNumbersAreRefused() {
    for row in [[Float.nan, .nan], [-.infinity, -.infinity], [1, .infinity]] {
      #expect(throws: GenerationError.self) { try Self.sample([row], [sampler(SamplingParameters())]) }
    }
  }
}
