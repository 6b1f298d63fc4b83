/// Makes and opens indexes of every kind by name.
public enum IndexFactory {
  /// Every kind, simplest first.
  public static var kinds: [String] { entries.map(\.kind) }

  /// The names a specification of this kind may use at build time, and those of `SearchParameters` that it heeds.
  ///
  /// - Throws: `invalidArgument` for a kind that is not known.
  public static func parameterNames(_ kind: String) throws(VectorIndexError) -> (build: [String], search: [String]) {
    let entry = try entry(kind)
    return (entry.build, entry.search)
  }

  /// An empty index as the specification says.
  ///
  /// - Throws: `invalidArgument` for an unknown kind or parameter, naming the nearest right one, and for a value out of range.
  public static func make(
    _ specification: IndexSpecification, dimension: Int, metric: DistanceMetric
  ) throws -> any VectorIndex {
    let entry = try entry(specification.kind)
    for name in specification.parameters.keys.sorted() where !entry.build.contains(name) {
      let known = entry.build.isEmpty ? "it has none" : "it has \(entry.build.joined(separator: ", "))"
      throw VectorIndexError.invalidArgument(
        "\(entry.kind) has no build parameter \(name)\(hint(name, entry.build)); \(known)")
    }
    return try entry.make(specification, dimension, metric)
  }

  /// Opens an index file of any kind.
  ///
  /// - Throws: `fileSystem`, `corruptFile`.
  public static func open(_ path: String) throws -> any VectorIndex {
    let file = try IndexFile.open(path)
    let kind = try file.header(KindHeader.self).kind
    guard let entry = entries.first(where: { $0.kind == kind }) else {
      throw file.corrupt("header", "names an index of kind \(kind), which this build does not know")
    }
    return try entry.open(file)
  }

  private struct KindHeader: Decodable { var kind: String }

  private struct Entry: Sendable {
    var kind: String
    var build: [String]
    var search: [String]
    var make: @Sendable (IndexSpecification, Int, DistanceMetric) throws -> any VectorIndex
    var open: @Sendable (IndexFile) throws -> any VectorIndex
  }

  private static let entries: [Entry] =
    [flat] + IVFParameters.Coding.allCases.map { ivf($0) } + HNSWParameters.Traversal.allCases.map { hnsw($0.rawValue) }

  private static var flat: Entry {
    Entry(
      kind: FlatIndex.kind, build: FlatIndex.parameterNames, search: [],
      make: { try FlatIndex(dimension: $1, metric: $2, parameters: $0.parameters) }, open: { try FlatIndex($0) })
  }

  private static func ivf(_ coding: IVFParameters.Coding) -> Entry {
    Entry(
      kind: coding.rawValue, build: IVFParameters.names(coding), search: ["nprobe", "rerank"],
      make: { try IVFIndex(dimension: $1, metric: $2, parameters: IVFParameters(coding: coding, $0.parameters)) },
      open: { try IVFIndex($0) })
  }

  private static func hnsw(_ kind: String) -> Entry {
    Entry(
      kind: kind, build: HNSWParameters.names, search: ["ef", "rerank"],
      make: { try HNSWIndex.make(kind: kind, dimension: $1, metric: $2, parameters: $0.parameters) },
      open: { try HNSWIndex.open($0) })
  }

  private static func entry(_ kind: String) throws(VectorIndexError) -> Entry {
    guard let entry = entries.first(where: { $0.kind == kind }) else {
      throw .invalidArgument(
        "no index is called \(kind)\(hint(kind, kinds)); there are \(kinds.joined(separator: ", "))")
    }
    return entry
  }

  private static func hint(_ name: String, _ known: [String]) -> String {
    guard let nearest = known.min(by: { editDistance(name, $0) < editDistance(name, $1) }),
      editDistance(name, nearest) <= max(2, name.count / 2)
    else { return "" }
    return " (did you mean \(nearest)?)"
  }

  /// Insertions, deletions and replacements between two words.
  private static func editDistance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var row = Array(0...b.count)
    for i in 0..<a.count {
      var diagonal = row[0]
      row[0] = i + 1
      for j in 0..<b.count {
        let change = diagonal + (a[i] == b[j] ? 0 : 1)
        diagonal = row[j + 1]
        row[j + 1] = min(change, row[j] + 1, row[j + 1] + 1)
      }
    }
    return row[b.count]
  }
}
