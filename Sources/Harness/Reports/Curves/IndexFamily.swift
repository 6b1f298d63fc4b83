/// Kinds of index that are fairly compared with each other.
enum IndexFamily: Int, Sendable, CaseIterable {
  case graph, inverted, exact, other

  /// By the engine's and index's names, the field's: "hnsw-sq4", "HNSW16,Flat", "Vamana", "IVF1024,SQ8", "Flat".
  init(engine: String, index: String) {
    let name = index.lowercased()
    if ["hnsw", "vamana", "hgraph", "nsg", "nsw", "graph", "diskann"].contains(where: name.contains) {
      self = .graph
    } else if ["ivf", "scann"].contains(where: name.contains) {
      self = .inverted
    } else if ["flat", "exact", "bruteforce", "brute-force"].contains(where: name.hasPrefix) {
      self = .exact
    } else if ["hnswlib", "usearch", "svs", "vsag"].contains(engine.lowercased()) {
      self = .graph
    } else {
      self = .other
    }
  }

  var title: String {
    switch self {
    case .graph: "graph indexes"
    case .inverted: "IVF indexes"
    case .exact: "exact search"
    case .other: "other indexes"
    }
  }

  var slug: String {
    switch self {
    case .graph: "graph"
    case .inverted: "ivf"
    case .exact: "exact"
    case .other: "other"
    }
  }
}
