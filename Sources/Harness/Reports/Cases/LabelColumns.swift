/// Which labels become columns because they vary, and which go to the caption because they do not.
struct LabelColumns {
  private struct Entry {
    var title: String
    var text: (CaseLabels) -> String
  }

  private var entries: [Entry] = []
  /// "n 60000 · dimension 784 · k 10 · threads 1 · m 16".
  private(set) var caption = ""

  /// - Parameter search: whether search parameters are told apart; a curve over them leaves them out.
  init(_ rows: [CaseLabels], search: Bool = true) {
    guard let first = rows.first else { return }
    func parameters(_ labels: CaseLabels) -> [CaseLabels.Parameter] { labels.build + (search ? labels.search : []) }
    let shared = rows.dropFirst().reduce(Set(parameters(first))) { $0.intersection(parameters($1)) }
    func list(_ parameters: [CaseLabels.Parameter]) -> String {
      parameters.filter { !shared.contains($0) }.map(\.text).joined(separator: " ")
    }

    var constants = first.data.map { "\($0.name) \($0.value)" }
    func add(_ title: String, _ text: @escaping (CaseLabels) -> String) {
      let values = Set(rows.map(text))
      if values.count > 1 {
        entries.append(Entry(title: title, text: text))
      } else if let value = values.first, !value.isEmpty {
        constants.append("\(title) \(value)")
      }
    }
    for name in CaseLabels.conditionOrder { add(name) { $0.condition(name) ?? "" } }
    for name in CaseLabels.stageOrder { add(name) { $0.stage(name) ?? "" } }
    add("engine", \.engine)
    add("index", \.index)
    constants += parameters(first).filter(shared.contains).map { "\($0.name) \($0.value)" }
    add("build") { list($0.build) }
    if search { add("search") { list($0.search) } }
    // A single row still needs a name.
    if entries.isEmpty {
      entries.append(
        first.index.isEmpty && first.stage("chunker") != nil
          ? Entry(title: "chunker", text: { $0.stage("chunker") ?? "" }) : Entry(title: "index", text: \.index))
    }
    caption = constants.joined(separator: " · ")
  }

  var columns: [Table.Column] { entries.map { Table.Column($0.title) } }

  func cells(_ labels: CaseLabels) -> [Table.Cell] { entries.map { Table.Cell($0.text(labels)) } }
}
