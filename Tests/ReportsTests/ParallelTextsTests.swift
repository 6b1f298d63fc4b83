import Reports
import Testing

@Suite struct ParallelTextsTests {
  @Test func everyTextShowsItsEnd() {
    var texts = ParallelTexts(headings: ["first", "second"])
    for word in ["one ", "two ", "three ", "four\n", "five"] { texts.append(word, to: 0) }
    texts.append("日本語の", to: 1)
    #expect(texts.lines(width: 8, height: 8) == ["first", "three", "four", "five", "second", "日本語の"])
    #expect(texts.lines(width: 5, height: 4) == ["first", "five", "seco…", "語の"])
    #expect(texts.lines(width: 80, height: 20).count == 5)
    #expect(texts.texts == ["one two three four\nfive", "日本語の"])
  }

  @Test func aSmallTerminalShowsNoMoreLinesThanItHas() {
    let texts = ParallelTexts(headings: (0..<9).map { "output \($0)" })
    #expect(texts.lines(width: 20, height: 5).count == 5)
    #expect(texts.lines(width: 20, height: 0).count == 1)
  }
}
