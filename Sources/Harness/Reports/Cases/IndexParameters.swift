/// Which parameters of an index tell its rows apart.
struct IndexParameters {
  private var shared: [String: Set<String>] = [:]
  /// Those that all rows of an index have, by index.
  private(set) var constants: [(index: String, parameters: [String])] = []

  init(_ rows: [(index: String, parameters: [String])]) {
    for (index, members) in Dictionary(grouping: rows, by: \.index).sorted(by: { $0.key < $1.key }) {
      let common = members.dropFirst().reduce(Set(members[0].parameters)) { $0.intersection($1.parameters) }
      shared[index] = common
      let named = members[0].parameters.filter(common.contains)
      if !named.isEmpty { constants.append((index, named)) }
    }
  }

  func contains(_ parameter: String, of index: String) -> Bool { shared[index]?.contains(parameter) != true }
}
