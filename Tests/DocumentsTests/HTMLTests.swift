import Documents
import Foundation
import TestFixtures
import Testing

@Suite struct HTMLTests {
  private func document(_ markup: some Sequence<UInt8>, keepsNavigation: Bool = false) throws -> Document {
    let folder = TemporaryFolder()
    var options = LoadingOptions()
    options.keepsNavigation = keepsNavigation
    let path = try folder.file("page.html", Array(markup))
    return try #require(try CorpusLoader.load(path: path, options: options).documents.first)
  }

  @Test func aPageGivesItsTitleAndWhatIsSeen() throws {
    let page = try #require(try CorpusLoader.load(path: Golden.path("page.html")).documents.first)
    #expect(page.title == "Vectors & Cafés")
    #expect(page.mimeType == "text/html")
    #expect(page.metadata == ["language": "en", "description": "What \"near\" means"])
    #expect(page.text == (try Golden.text("page.txt")))
  }

  @Test func navigationIsTextByChoice() throws {
    let page = try document(try Data(contentsOf: URL(fileURLWithPath: Golden.path("page.html"))), keepsNavigation: true)
    #expect(page.text.hasPrefix("The site\n\nHome\nAbout\n\nVectors in cafés"))
    #expect(page.text.hasSuffix("Buy now\nImprint"))
  }

  @Test(arguments: [
    ("<p>a</p><p>b</p>", "a\n\nb"), ("a<br><br>b", "a\n\nb"), ("<div>a</div>b<div>c</div>", "a\nb\nc"),
    ("<b>a</b> <i>b</i>", "a b"), ("<b>a </b> <i> b</i>", "a b"), ("<pre>a  b\n\n c</pre>d", "a  b\n\n c\n\nd"),
    ("x <script>y</script> z", "x z"), ("<dl><dt>t<dd>d</dl>", "t\nd"),
    ("&lt;b&gt; &#x6f22; &nosuch; &eacute;", "<b> 漢 &nosuch; é"),
    ("<p>unclosed <b>tags", "unclosed tags"), ("plain", "plain"), ("", ""), ("<!-- only a comment -->", ""),
    ("<body hidden>x</body>", ""), ("<P>UPPER</P><Script>no</Script>", "UPPER"),
  ])
  func markupBecomesText(markup: String, text: String) throws {
    #expect(try document(markup.utf8).text == text)
  }

  @Test func aPageWithoutTitleIsCalledByItsHeading() throws {
    #expect(try document("<h1>The <em>one</em></h1><h1>other</h1>".utf8).title == "The one")
    #expect(try document("<title> </title><p>x".utf8).title == nil)
  }

  @Test func charsetsAreHeeded() throws {
    let page = try #require(try CorpusLoader.load(path: Golden.path("latin1.html")).documents.first)
    #expect(page.text == "naïve “café”")
    #expect(page.repairs == 0)
    let japanese = Array("<?xml version=\"1.0\" encoding=\"shift_jis\"?><p>".utf8) + [0x8A, 0xBF, 0x8E, 0x9A, 0xFF]
    let mended = try document(japanese)
    #expect(mended.text == "漢字\u{FFFD}")
    #expect(mended.repairs == 1)
    #expect {
      try document("<meta charset=klingon-8><p>x".utf8)
    } throws: {
      "\($0)" == "no encoding is called 'klingon-8'; convert the text to UTF-8"
    }
  }

  @Test func brokenBytesAreMendedAndCounted() throws {
    let page = try document(Array("<p>caf".utf8) + [0xE9] + Array(" x".utf8))
    #expect(page.text == "caf\u{FFFD} x")
    #expect(page.repairs == 1)
  }

  /// libxml2 left alone drops what lies deeper than 256 elements and behind 10 MB.
  @Test func nothingIsLostInDeepOrLongPages() throws {
    let deep =
      String(repeating: "<div>", count: 20_000) + "deep" + String(repeating: "</div>", count: 20_000) + "<p>after"
    #expect(try document(deep.utf8).text == "deep\n\nafter")
    let long = "<p>" + String(repeating: "word ", count: 4_000_000) + "<p>after"
    let text = try document(long.utf8).text
    #expect(text.utf8.count == 20_000_000 - 1 + 2 + 5)
    #expect(text.hasSuffix("word\n\nafter"))
  }

  /// Tags in any disorder give text, and no tag.
  @Test func randomMarkupIsRead() throws {
    let seed: UInt64 = 9
    var random = SeededRandom(seed: seed)
    let pieces = [
      "<p>", "</p>", "<div", ">", "<ul><li>", "</table>", "<td>", "&amp;", "&#", "é", "<!--", "-->", "<script>",
      "</script>",
      "word ", "\n", "\"", "<pre>", "<title>", "</title>", "<body>", "<html>", "<svg>", "\0", "<br/>",
    ]
    for round in 0..<300 {
      let markup = (0..<Int.random(in: 0...40, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
      // The first word keeps what NUL there is from making the page binary.
      let text = try document(("word " + markup.joined().replacing("\0", with: "")).utf8).text
      #expect(text == text.trimmingCharacters(in: .whitespacesAndNewlines), "seed \(seed), round \(round)")
    }
  }
}
