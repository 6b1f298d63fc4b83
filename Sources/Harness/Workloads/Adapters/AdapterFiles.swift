internal import Datasets

/// Vectors as an adapter maps them: a header of 64 bytes, then float32 rows (PROTOCOL.md, "Vector file").
enum VectorFile {
  /// - Throws: `AdapterError.system` if the file cannot be written, on a full disk above all.
  static func write(_ set: VectorSet, to path: String) throws(AdapterError) {
    try ExchangeFile.write(ExchangeFile.header("RMVECTOR", 0, set.count, set.dimension), set.values, to: path)
  }
}

/// What an adapter found and how long each call took (PROTOCOL.md, "Result file").
struct ResultFile: Equatable {
  var ids: [Int64]
  var latencies: [UInt64]

  /// Reads a file of `queries × k` ids and `calls` latencies.
  /// - Throws: `ResultFileError` naming what differs from what was asked.
  init(path: String, queries: Int, k: Int, calls: Int) throws(ResultFileError) {
    let file = try ExchangeFileReader(path: path, noun: "result file")
    let expected = ExchangeFile.headerBytes + 8 * (queries * k + calls)
    guard file.size == expected else {
      throw ResultFileError(
        reason: "the result file has \(file.size) bytes; \(queries) queries with k = \(k) and \(calls) calls make "
          + "\(expected)")
    }
    let fields = try file.header("RMRESULT")
    guard fields == (adapterProtocolVersion, k, queries, calls) else {
      throw ResultFileError(
        reason: "the result file's header says version \(fields.version), k \(fields.narrow), \(fields.first) queries, "
          + "\(fields.second) calls; asked were version \(adapterProtocolVersion), k \(k), \(queries) queries, "
          + "\(calls) calls")
    }
    ids = try file.read(Int64.self, queries * k).map { Int64(littleEndian: $0) }
    latencies = try file.read(UInt64.self, calls).map { UInt64(littleEndian: $0) }
  }
}
