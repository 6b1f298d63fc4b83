import Foundation
import FoundationXML
import Reports
import RunStore
import Testing

/// Labels that mean something to gnuplot, to SVG, to CSV, to Markdown or to a terminal.
@Suite struct HostileLabelTests {
  static let labels = [
    "a_b^{c} @macro `date` $x", "quote ' and \" and \\n", "<&>]]>", "'; system('touch x'); '", "# comment",
    "日本語 🦀 é", "tab\tnewline\nescape\u{1B}[31mred", "", "%s %d {/*2 big}",
  ]

  static var run: RunRecord {
    let cases = labels.enumerated().flatMap { place, label in
      [0.8, 0.96, 1.0].enumerated().map { step, recall in
        CaseRecord(
          id: "search/\(place)/\(step)", workload: "search",
          labels: ["dataset": "d'_{x}`", "engine": "e", "index": label, "ef": "\(step)", "k": "10", "threads": "1"],
          metrics: [
            "recall@10": ratio(recall), "qps": rate(1000 / Double(place + step + 1)),
            "latency_p50": seconds(1e-4 * Double(place + step + 1)), "index_bytes": bytes(1e6), "insert_rate": rate(10),
            "insert_seconds": seconds(100),
          ])
      }
    }
    return RunRecord(run: header("name \u{1B}[2J", warnings: ["a\nb"]), cases: cases)
  }

  @Test(.enabled(if: PlotTests.hasGnuplot, "gnuplot is not installed")) func plotsShowThemAsTheyAre() throws {
    let folder = try TemporaryFolder()
    let path = folder.path + "/it's a {place}"
    let files = try Report(run: Self.run).writePlots(to: path)
    let curves = try #require(files.first { $0.hasSuffix("recall-qps.svg") })
    let parser = SVGTexts()
    #expect(parser.read(curves), "no well-formed XML")
    for label in Self.labels where !label.contains("\t") && !label.isEmpty {
      let shown = label.replacing("]]>", with: "]]\u{200A}>")
      #expect(parser.texts.contains { $0.contains(shown) }, "'\(label)' among \(parser.texts)")
    }
    // Nothing but the pictures was made.
    let made = try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    #expect(made == files.map { URL(fileURLWithPath: $0).lastPathComponent }.sorted())
  }

  @Test func tablesCannotBeBrokenByThem() {
    let report = Report(run: Self.run)
    let terminal = report.terminal(width: 100, color: false)
    #expect(!terminal.unicodeScalars.contains { $0.value < 32 && $0 != "\n" })
    let markdown = report.markdown()
    #expect(markdown.contains("a\\_b^{c} @macro \\`date\\` $x"))
    #expect(markdown.contains("\\<&\\>\\]\\]\\>"))
    for line in markdown.split(separator: "\n") where line.hasPrefix("|") {
      #expect(line.hasSuffix(" |"), "\(line)")
    }
    let csv = report.csv()
    #expect(csv.contains("\"quote ' and \"\" and \\n\""))
    #expect(csv.contains("\"tab\tnewline\nescape"))
  }
}

private final class SVGTexts: NSObject, XMLParserDelegate {
  var texts: [String] = []
  private var text: String?

  func read(_ file: String) -> Bool {
    guard let data = FileManager.default.contents(atPath: file) else { return false }
    let parser = XMLParser(data: data)
    parser.delegate = self
    return parser.parse()
  }

  func parser(
    _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
    attributes: [String: String]
  ) {
    if element == "text" { text = "" }
  }

  func parser(_ parser: XMLParser, foundCharacters string: String) { text?.append(string) }

  func parser(_ parser: XMLParser, didEndElement element: String, namespaceURI: String?, qualifiedName: String?) {
    if element == "text", let whole = text { texts.append(whole) }
    if element == "text" { text = nil }
  }
}
