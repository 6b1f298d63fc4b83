import Experiments
import Foundation
import Generation
import RunStore
import Testing
import Workloads

/// Lengths that are drawn, as engines come to see them.
@Suite struct GenerationRequestTests {
  /// Takes down what it is asked, and answers in no time.
  private final class Listener: GenerationEngine {
    let hear: (GenerationRequests) -> Void
    init(_ hear: @escaping (GenerationRequests) -> Void) { self.hear = hear }
    func load(threads: Int, for setting: GenerationSetting) -> Double? { nil }
    func privateBytes() -> Int? { nil }
    func close() {}
    func generate(_ requests: GenerationRequests, _ setting: GenerationSetting) -> GenerationPass {
      hear(requests)
      return GenerationPass(seconds: 1)
    }
  }

  private func requests(_ section: String, seed: Int = 42) throws -> [[OfflineRequest]] {
    let bench = try GenerateBench()
    var heard: [[OfflineRequest]] = []
    bench.standIn = Listener { heard.append($0.requests) }
    _ = try bench.run(
      "  - {workload: generate, models: [bytes], repetitions: 1, warmup: 0, \(section)}", seed: seed)
    return heard
  }

  private func mean(_ values: [Int]) -> Double { Double(values.reduce(0, +)) / Double(values.count) }

  @Test(arguments: [
    ("sharegpt", 161.0, 338.0), ("alpaca", 19, 58), ("\"lengths:prompt=32-256,output=16-256\"", 144, 136),
    ("\"lengths:prompt=512,output=1\"", 512, 1), ("\"lengths:prompt=~300,output=7,prompt_sigma=0.5\"", 300, 7),
  ])
  func meansAreAsStated(source: String, prompt: Double, output: Double) throws {
    let all = try #require(try requests("prompts: [\(source)], requests: 20000").first)
    let prompts = all.map(\.prompt.count)
    let outputs = all.flatMap(\.outputLengths)
    // Four standard errors of a log-normal mean with a logarithm's deviation of 1.
    let slack = 4 * 1.32 / 20000.0.squareRoot()
    #expect(abs(mean(prompts) / prompt - 1) < slack + 0.5 / prompt, "\(mean(prompts))")
    #expect(abs(mean(outputs) / output - 1) < slack + 0.5 / output, "\(mean(outputs))")
    #expect(all.allSatisfy { $0.prompt.count >= 1 && $0.prompt.count + ($0.outputLengths.max() ?? 0) <= 2048 })
    #expect(all.allSatisfy { $0.maxTokens == $0.outputLengths[0] })
  }

  @Test func uniformLengthsReachBothEnds() throws {
    let all = try #require(try requests("prompts: [\"lengths:prompt=3-6,output=1-2\"], requests: 500").first)
    #expect(Set(all.map(\.prompt.count)) == [3, 4, 5, 6])
    #expect(Set(all.flatMap(\.outputLengths)) == [1, 2])
  }

  @Test func theSeedAndTheNumberDecideEachRequest() throws {
    let section = "prompts: [sharegpt], requests: 20"
    let once = try requests(section)
    #expect(try requests(section) == once)
    #expect(try requests(section, seed: 43) != once)
    // More requests begin with the same; those with more outputs have the same prompts.
    let more = try requests("prompts: [sharegpt], requests: 30, n: [1, 3]")
    let single = try #require(more.first { $0[0].outputLengths.count == 1 })
    let triple = try #require(more.first { $0[0].outputLengths.count == 3 })
    #expect(Array(single.prefix(20)) == once[0])
    #expect(triple.map(\.prompt) == single.map(\.prompt))
    #expect(triple.allSatisfy { Set($0.outputLengths).count == 1 })
  }

  @Test func promptsShareNoBeginning() throws {
    let all = try #require(try requests("prompts: [\"lengths:prompt=64,output=1\"], requests: 200").first)
    #expect(Set(all.map { Array($0.prompt.prefix(8)) }).count == 200)
    #expect(all.allSatisfy { $0.prompt.allSatisfy { (0..<256).contains($0) } })
  }

  @Test func outputsMayHaveLengthsOfTheirOwn() throws {
    let all = try requests("prompts: [alpaca], requests: 100, n: [1, 4], outputs: independent")
    let single = try #require(all.first { $0[0].outputLengths.count == 1 })
    let four = try #require(all.first { $0[0].outputLengths.count == 4 })
    #expect(four.contains { Set($0.outputLengths).count == 4 })
    #expect(zip(single, four).allSatisfy { $0.outputLengths[0] == $1.outputLengths[0] })
    #expect(four.allSatisfy { $0.maxTokens == $0.outputLengths.max() })
    let mean = mean(four.flatMap(\.outputLengths))
    #expect(abs(mean / 58 - 1) < 0.3, "\(mean)")
  }

  @Test func clientsMayAskForMoreThanComes() throws {
    let section = "prompts: [\"lengths:prompt=10,output=5-50\"], requests: 50, max_model_len: 100"
    #expect(try requests("\(section), max_tokens: model")[0].allSatisfy { $0.maxTokens == 90 })
    let twenty = try requests("\(section), max_tokens: 20")[0]
    #expect(twenty.allSatisfy { $0.maxTokens == 20 && $0.outputLengths[0] <= 20 })
    #expect(twenty.contains { $0.outputLengths[0] == 20 } && twenty.contains { $0.outputLengths[0] < 20 })
    #expect(try requests("\(section), max_tokens: 95")[0].allSatisfy { $0.maxTokens == 90 })
  }

  @Test func aTraceKeepsItsRows() throws {
    let bench = try GenerateBench()
    let rows = (1...40).map { "\($0 * 10),\($0)\n" }.joined()
    let path = try bench.file("t.csv", "ContextTokens,GeneratedTokens\n\(rows)")
    let all = try requests("prompts: [\(path)], requests: 15, n: 2, outputs: independent")[0]
    #expect(all.allSatisfy { $0.prompt.count == 10 * $0.outputLengths[0] })
    #expect(all.map(\.prompt.count) == all.map(\.prompt.count).sorted(), "the order of the file")
    #expect(all.contains { $0.outputLengths[1] != $0.outputLengths[0] })
    #expect(all.allSatisfy { (1...40).contains($0.outputLengths[1]) })
  }
}

/// What sharing saves, from lengths alone.
@Suite struct SharingCurveTests {
  private func request(_ prompt: Int, _ outputs: [Int]) -> OfflineRequest {
    OfflineRequest(prompt: [Int32](repeating: 1, count: prompt), outputLengths: outputs, maxTokens: 99)
  }

  @Test func savedBlocksAreCountedByHand() {
    #expect(SharingCurve.savedShare(of: [], blockSize: 16) == 0)
    #expect(SharingCurve.savedShare(of: [request(40, [9])], blockSize: 16) == 0)
    // Prompts of less than a block share none that stays shared.
    #expect(SharingCurve.savedShare(of: [request(15, [3, 3])], blockSize: 16) == 0)
    // Three outputs of one token: 2 · 2 of 3 · 3 blocks.
    #expect(SharingCurve.savedShare(of: [request(40, [1, 1, 1])], blockSize: 16) == 4.0 / 9)
    // A block more from the second token on: 2 + 2 of 2 · 3 + 2 · 4.
    #expect(SharingCurve.savedShare(of: [request(47, [2, 2])], blockSize: 16) == 4.0 / 14)
    // The longer output goes on alone: 2 saved while there are two, then none, of 6 + 6 + 3.
    #expect(SharingCurve.savedShare(of: [request(32, [2, 3])], blockSize: 16) == 4.0 / 15)
    // Requests are summed, not averaged.
    #expect(
      SharingCurve.savedShare(of: [request(40, [1, 1, 1]), request(15, [1])], blockSize: 16) == 4.0 / 10)
    #expect(SharingCurve.savedShare(of: [request(5, [1, 1])], blockSize: 1) == 5.0 / 12)
  }

  @Test(arguments: 0..<20) func moreOutputsSaveMore(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    let lengths = (0..<20).map { _ in
      (Int.random(in: 1...300, using: &random), Int.random(in: 1...300, using: &random))
    }
    let size = Int.random(in: 1...64, using: &random)
    var last = 0.0
    for n in 2...6 {
      let share = SharingCurve.savedShare(
        of: lengths.map { request($0.0, [Int](repeating: $0.1, count: n)) }, blockSize: size)
      #expect(share >= last && share < 1 - 1 / Double(n) + 1e-12, "seed \(seed)")
      last = share
    }
  }
}
