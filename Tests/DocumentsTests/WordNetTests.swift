import Documents
import Foundation
import Testing

@Suite struct WordNetTests {
  private static let installed = "/usr/share/wordnet"

  private func load(noun: String, adverb: String = "") throws -> Corpus {
    let folder = FileManager.default.temporaryDirectory.appending(path: "ragmeter-wordnet-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    for (part, text) in [("noun", noun), ("verb", Self.verb), ("adj", Self.verb), ("adv", adverb + Self.verb)] {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/data.\(part)"))
    }
    return try CorpusLoader.load(path: folder, format: .wordnet)
  }

  private static let verb = "00001740 29 v 02 breathe 0 take_a_breath 0 000 | draw air into the lungs  \n"

  @Test func synsetsBecomeDocuments() throws {
    let corpus = try load(
      noun:
        "  1 This software is licensed | as follows  \n00001930 03 n 01 physical_entity 0 001 @ 00001740 n 0000 | an entity; \"it is | there\"  \n",
      adverb: "00001837 02 r 01 never 0 000 |   \n")
    #expect(corpus.documents.map(\.id) == ["n00001930", "v00001740", "a00001740", "r00001837", "r00001740"])
    #expect(
      corpus.documents[0].text == "an entity; \"it is | there\"" && corpus.documents[0].title == "physical entity")
    #expect(
      corpus.documents[1].title == "breathe, take a breath" && corpus.documents[1].text == "draw air into the lungs")
    #expect(corpus.documents[3].text.isEmpty)
    #expect(corpus.warnings.contains("2 glosses are the same as an earlier one's"))
    #expect(corpus.warnings.contains { $0.hasPrefix("1 document has no text") })
  }

  @Test(
    arguments: [
      "00001930 03 n 01 entity 0 000 no bar\n", "0001930 03 n 01 entity 0 000 | short offset\n",
      "00001930 03 n 04 entity 0 000 | too few words\n", "00001930 03 n 00 entity 0 000 | no words\n", "\n",
    ])
  func damagedLinesHaveTheirNumber(line: String) {
    let error = #expect(throws: (any Error).self) { try load(noun: "  1 licence\n" + line) }
    #expect("\(error.map { "\($0)" } ?? "")".contains("data.noun: line 2: is no synset"))
  }

  @Test(
    .enabled(if: FileManager.default.isReadableFile(atPath: "\(installed)/data.noun"), "wordnet-base is not installed"))
  func debiansPackageIsReadWhole() throws {
    let corpus = try CorpusLoader.load(path: Self.installed, format: .wordnet)
    // Princeton's statistics of WordNet 3.0 (wnstats(7WN)): 82 115 nouns, 13 767 verbs, 18 156 adjectives, 3 621 adverbs.
    #expect(corpus.documents.count == 117_659)
    #expect(corpus.documents.allSatisfy { !$0.text.isEmpty && $0.repairs == 0 })
    #expect(corpus.documents[0].text.hasPrefix("that which is perceived or known or inferred"))
    #expect(try CorpusFormat(of: Self.installed) == .wordnet)
  }
}
