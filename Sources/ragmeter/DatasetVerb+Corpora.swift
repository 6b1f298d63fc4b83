import Datasets
import Reports

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

  static func describe(_ corpus: CorpusListing, _ arguments: Arguments) throws {
    try emit(corpus, arguments) {
      lines(
        [
          ("name", corpus.name), ("about", corpus.about), ("licence", corpus.licence), ("source", corpus.source),
          ("format", corpus.format), ("documents", "\(corpus.documents)"), ("questions", "\(corpus.questions)"),
          ("here", corpus.path ?? "no"),
        ] + (corpus.path == nil ? [("comes from", corpus.from.joined(separator: ", "))] : []))
    }
  }
}
