/// The texts that the vectors of a dataset were made of, row by row.
package struct DatasetTexts: Sendable, Equatable {
  package var base: [String]
  package var queries: [String]

  package init(base: [String], queries: [String]) {
    self.base = base
    self.queries = queries
  }

  /// The first of each.
  func prefix(base rows: Int?, queries asked: Int?) -> DatasetTexts {
    DatasetTexts(base: Array(base.prefix(rows ?? .max)), queries: Array(queries.prefix(asked ?? .max)))
  }
}
