import Files

/// A user's own files.
extension DatasetLoader {
  func loadFile(_ request: DatasetRequest) throws -> VectorDataset {
    let path = request.name
    let format = try VectorFormat.detect(path: path)
    let file = try VectorFile(path: path, format: format, idColumn: request.idColumn)
    let queryFile = try queryFile(of: request, format: format)
    var base = try file.read(limit: queryFile == nil ? nil : request.maxBase)
    let queries: VectorSet
    if let queryFile {
      queries = try queryFile.read(limit: request.maxQueries)
    } else {
      guard base.count > 1 else {
        throw DataError.invalid("'\(path)' holds one vector; queries are held out of at least two")
      }
      (base, queries) = try base.holdingOut(min(1000, max(1, base.count / 10)), seed: request.seed)
    }
    return try VectorDataset(
      name: DatasetLoader.lastComponent(path), metric: request.metric ?? DatasetLoader.metric(of: path, format: format),
      base: base.first(request.maxBase), queries: queries.first(request.maxQueries))
  }

  private func queryFile(of request: DatasetRequest, format: VectorFormat) throws -> VectorFile? {
    if let path = request.queriesPath { return try VectorFile(path: path, table: "test", idColumn: request.idColumn) }
    if format == .hdf5 {
      guard try HDF5Table.exists("test", in: request.name) else { return nil }
      return try VectorFile(path: request.name, format: .hdf5, table: "test")
    }
    guard let sibling = DatasetLoader.siblings(of: request.name).first(where: Folder.isReadable) else { return nil }
    return try VectorFile(path: sibling, format: format, idColumn: request.idColumn)
  }

  /// Names under which the queries of a base set usually lie beside it: `sift_base.fvecs` and `sift_query.fvecs`,
  /// `train.npy` and `test.npy`, `x.npy` and `x.queries.npy`.
  static func siblings(of path: String) -> [String] {
    let name = lastComponent(path)
    let folder = path.dropLast(name.count)
    let replaced = [("base", "query"), ("base", "queries"), ("train", "test")].compactMap { word, other in
      name.firstRange(of: word).map { name.replacingCharacters(in: $0, with: other) }
    }
    let stem = name.prefix { $0 != "." }
    return (replaced + ["\(stem).queries\(name.dropFirst(stem.count))"]).map { folder + $0 }
  }

  private static func lastComponent(_ path: String) -> String {
    path.split(separator: "/").last.map(String.init) ?? path
  }

  /// What an ann-benchmarks file says of its distance, or its name; else Euclidean.
  private static func metric(of path: String, format: VectorFormat) throws -> DatasetMetric {
    guard format == .hdf5 else { return .l2 }
    let stated = try HDF5Table.attribute("distance", of: path)
    let name = lastComponent(path).prefix { $0 != "." }
    let word = stated ?? name.split(separator: "-").last.map(String.init) ?? ""
    switch word {
    case "euclidean", "l2": return .l2
    case "angular", "cosine": return .cosine
    case "dot", "ip": return .ip
    case let other where stated != nil:
      throw DataError.invalid("'\(path)' is compared by '\(other)'; l2, ip and cosine are measured here")
    default: return .l2
    }
  }
}

extension String {
  fileprivate func firstRange(of word: String) -> Range<Index>? {
    indices.first { self[$0...].hasPrefix(word) }.map { $0..<index($0, offsetBy: word.count) }
  }

  fileprivate func replacingCharacters(in range: Range<Index>, with text: String) -> String {
    String(self[..<range.lowerBound]) + text + self[range.upperBound...]
  }
}
