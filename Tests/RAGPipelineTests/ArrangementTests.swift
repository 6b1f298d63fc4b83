import RAGPipeline
import Testing

@Suite struct ArrangementTests {
  @Test func ordersOfFivePassages() {
    let ranks = [1, 2, 3, 4, 5]
    #expect(PassageOrder.bestFirst.arranged(ranks) == [1, 2, 3, 4, 5])
    #expect(PassageOrder.bestLast.arranged(ranks) == [5, 4, 3, 2, 1])
    #expect(PassageOrder.bestEnds.arranged(ranks) == [2, 4, 5, 3, 1])
    #expect(PassageOrder.bestEnds.arranged([1, 2, 3, 4]) == [2, 4, 3, 1])
    for order in PassageOrder.allCases {
      #expect(order.arranged([7]) == [7])
      #expect(order.arranged([Int]()).isEmpty)
    }
  }

  @Test(arguments: PassageOrder.allCases, 1...40) func everyOrderKeepsEveryPassageOnce(order: PassageOrder, count: Int)
  {
    let arranged = order.arranged(Array(1...count))
    #expect(arranged.sorted() == Array(1...count))
    // From an end that holds the best, ranks rise to the worst.
    if order == .bestEnds, let worst = arranged.firstIndex(of: count) {
      #expect(Array(arranged[...worst]) == arranged[...worst].sorted())
      #expect(Array(arranged[worst...]) == arranged[worst...].sorted(by: >))
      #expect(arranged.last == 1)
    }
  }

  @Test func theBestOfThoseThatAreTheSameStays() {
    let found = [
      Passage.numbered(1), .numbered(2, text: "Text of passage 1."), .numbered(3, document: "d1"), .numbered(4),
    ]
    func numbers(_ rule: DuplicateRule) -> [String] { rule.firsts(of: found).map(\.source) }
    #expect(numbers(.keep).count == 4)
    #expect(numbers(.text) == ["docs/d1.md", "docs/d3.md", "docs/d4.md"])
    #expect(numbers(.document) == ["docs/d1.md", "docs/d2.md", "docs/d4.md"])
  }
}
