import Embedders
import Kernels
import Testing

@Suite struct TextBlocksTests {
  private func offsets(_ lengths: [Int]) -> [Int] { lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) } }

  @Test func everyTextIsInOneBlockAndBlocksStaySmall() {
    for seed in UInt64(0)..<300 {
      var random = SplitMix64(seed: seed)
      let longest = [20, 256, 512].randomElement(using: &random) ?? 20
      let lengths = (0..<Int.random(in: 1...200, using: &random)).map { _ in Int.random(in: 1...longest, using: &random)
      }
      let threads = Int.random(in: 1...4, using: &random)
      let blocks = TextBlocks.cut(offsets: offsets(lengths), threads: threads)
      #expect(blocks.flatMap { Array($0.texts) } == Array(lengths.indices), "seed \(seed)")
      for block in blocks {
        #expect(block.starts == offsets(Array(lengths[block.texts])), "seed \(seed)")
        #expect(block.texts.count == 1 || block.rows <= TextBlocks.tokens + longest / 2, "seed \(seed)")
      }
    }
  }

  @Test func aSmallBatchKeepsAllThreadsBusy() {
    let blocks = TextBlocks.cut(offsets: offsets(Array(repeating: 17, count: 32)), threads: 2)
    #expect(blocks.map(\.rows) == [136, 136, 136, 136])
    #expect(TextBlocks.cut(offsets: offsets([10, 10]), threads: 2).map(\.rows) == [10, 10])
    #expect(TextBlocks.cut(offsets: offsets([10, 10]), threads: 1).map(\.rows) == [20])
    #expect(TextBlocks.cut(offsets: offsets([10]), threads: 4).map(\.rows) == [10])
  }

  @Test func longTextsAreBlocksOfTheirOwn() {
    let blocks = TextBlocks.cut(offsets: offsets(Array(repeating: 245, count: 100)), threads: 1)
    #expect(blocks.allSatisfy { $0.texts.count == 1 })
  }
}
