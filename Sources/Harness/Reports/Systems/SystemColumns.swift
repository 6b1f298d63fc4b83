import RunStore

/// Which parts of systems become columns because they vary, and which go to the caption because they do not.
struct SystemColumns {
  private let indexes: IndexParameters
  /// Titles of what varies, in the order of the columns.
  private let titles: [String]
  /// "minilm · milvus · hnsw m=16 · top k 5": what is the same in all rows.
  let caption: String
  /// The same, with no more of the data than a figure needs.
  let subtitle: String

  /// What stands in front: the load, then the way of a question.
  static let order = ["users", "rate", "n", "chunker", "embedder", "store", SystemLabels.indexTitle]

  /// - Parameters:
  ///   - hidden: titles of parts that neither vary here nor are worth a word.
  ///   - order: titles of the first columns.
  init(_ rows: [SystemRow], hidden: Set<String> = [], order: [String] = Self.order) {
    let labels = rows.map(\.labels)
    let indexes = IndexParameters(labels.map { ($0.index, $0.build + $0.search) })
    self.indexes = indexes
    var known: [String] = []
    for part in labels.flatMap(\.parts) where !known.contains(part.title) && !hidden.contains(part.title) {
      known.append(part.title)
    }
    known = order.filter { known.contains($0) || $0 == SystemLabels.indexTitle } + known.filter { !order.contains($0) }
    var varying: [String] = []
    var constants: [String] = []
    // An index is named with its parameters below.
    func isSaid(_ title: String) -> Bool { title == SystemLabels.indexTitle && !indexes.constants.isEmpty }
    for title in known {
      // What another's system does not tell is no reason for a column.
      let told = labels.filter { !$0.isForeign || !Self.text(title, $0, indexes).isEmpty }
      let values = Set(told.map { Self.text(title, $0, indexes) })
      if values.count > 1 {
        varying.append(title)
      } else if let value = values.first, !value.isEmpty, !isSaid(title) {
        constants.append(SystemLabels.named(title, value))
      }
    }
    // A single row still needs a name.
    if varying.isEmpty {
      let title =
        labels.contains { !$0.index.isEmpty } ? SystemLabels.indexTitle : known.first { $0 != SystemLabels.indexTitle }
      varying = [title].compactMap { $0 }
      constants = constants.filter { constant in
        !labels.contains {
          SystemLabels.named(varying.first ?? "", Self.text(varying.first ?? "", $0, indexes)) == constant
        }
      }
    }
    for (index, parameters) in indexes.constants { constants.append(([index] + parameters).joined(separator: " ")) }
    titles = varying
    let own = labels.filter { !$0.isForeign }
    let facts = (own.first ?? labels.first)?.facts.filter { fact in own.allSatisfy { $0.facts.contains(fact) } } ?? []
    caption = (facts.map { "\($0.title) \($0.text)" } + constants).joined(separator: " · ")
    let told = facts.filter { ["documents", "vectors", "questions", "queries"].contains($0.title) }
    subtitle = (told.map { "\($0.text) \($0.title)" } + constants).joined(separator: ", ")
  }

  private static func text(_ title: String, _ labels: SystemLabels, _ indexes: IndexParameters) -> String {
    guard title == SystemLabels.indexTitle else { return labels.text(title) }
    let parameters = (labels.build + labels.search).filter { indexes.contains($0, of: labels.index) }
    return ([labels.index] + parameters).filter { !$0.isEmpty }.joined(separator: " ")
  }

  /// Numbers stand right, as they do in other columns.
  var columns: [Table.Column] {
    titles.map { title in
      let isNumber = ["n", "k", "top k", "users", "rate", "threads", "budget"].contains(title)
      return Table.Column(title == "rate" ? "questions/s asked" : title, alignment: isNumber ? .right : .left)
    }
  }

  func cells(_ row: SystemRow) -> [Table.Cell] { titles.map { Table.Cell(Self.text($0, row.labels, indexes)) } }

  /// "hnsw ef=16 · users 4": what tells this row from the others; never empty.
  func name(_ row: SystemRow) -> String {
    let words = titles.compactMap { title -> String? in
      let text = Self.text(title, row.labels, indexes)
      return text.isEmpty ? nil : SystemLabels.named(title, text)
    }
    return words.isEmpty ? row.record.id : words.joined(separator: " · ")
  }
}
