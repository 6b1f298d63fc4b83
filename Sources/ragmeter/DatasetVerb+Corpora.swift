import Datasets
import Foundation
import Reports
import Workloads

/// Texts of the catalogue.
extension DatasetVerb {
  static func texts(_ listing: [CorpusListing]) -> Table {
    var table = Table(
      title: "corpora",
      columns: [
        .init("name"), .init("documents", alignment: .right), .init("questions", alignment: .right), .init("format"),
        .init("here", priority: 1), .init("licence", priority: 2), .init("about", priority: 3),
      ])
    for entry in listing {
      let questions = entry.questions == 0 ? "–" : "\(entry.questions)"
      let words = [entry.format, entry.availability.rawValue, entry.licence, entry.about]
      table.rows.append(
        .init([entry.name, "\(entry.documents)", questions].map { Table.Cell($0) } + words.map { Table.Cell($0) }))
    }
    return table
  }

  /// What is known of a corpus: of one that is here, what its texts say themselves.
  static func describe(_ entry: CorpusEntry, _ loader: DatasetLoader, _ arguments: Arguments) throws {
    let listing = loader.listing(of: entry)
    let known = [
      ("name", listing.name), ("about", listing.about), ("licence", listing.licence), ("source", listing.source),
      ("format", listing.format),
    ]
    guard let path = listing.path else {
      return try JSONResult.emit(listing, arguments) {
        JSONResult.lines(
          known + [
            ("documents", "\(listing.documents)"), ("questions", "\(listing.questions)"), ("here", "no"),
            ("comes from", listing.from.joined(separator: ", ")),
          ])
      }
    }
    let summary = CorpusSummary(of: try loader.corpus(entry), listing: listing)
    try JSONResult.emit(summary, arguments) {
      let judged = summary.judgedPerQuestion.map { String(format: ", %.2f judged documents each", $0) }
      let documents =
        summary.documents == listing.documents
        ? "\(summary.documents)" : "\(summary.documents), of the source's \(listing.documents)"
      return JSONResult.lines(
        known + [
          ("documents", documents), ("questions", "\(summary.questions)\(judged ?? "")"),
          ("characters", "\(summary.characters)"),
          ("of a document", "\(summary.shortest) to \(summary.longest), median \(summary.median)"), ("here", path),
        ] + summary.warnings.map { ("note", $0) })
    }
  }
}
