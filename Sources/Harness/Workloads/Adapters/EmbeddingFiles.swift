internal import Embedders

/// Rows of unequal lengths as an adapter reads them: a header of 64 bytes, where each row begins, then all rows back to back
/// (PROTOCOL.md, "Token and text files").
enum RaggedFile {
  /// - Throws: `AdapterError.system` if the file cannot be written.
  static func write(_ tokens: TokenizedTexts, to path: String) throws(AdapterError) {
    try ExchangeFile.write(
      head("RMTOKENS", offsets: tokens.offsets, total: tokens.ids.count), tokens.ids, to: path)
  }

  /// - Throws: `AdapterError.system` if the file cannot be written.
  static func write(_ texts: [String], to path: String) throws(AdapterError) {
    var bytes: [UInt8] = []
    var offsets = [0]
    for text in texts {
      bytes += text.utf8
      offsets.append(bytes.count)
    }
    try ExchangeFile.write(head("RMTEXTS\0", offsets: offsets, total: bytes.count), bytes, to: path)
  }

  private static func head(_ magic: String, offsets: [Int], total: Int) -> [UInt8] {
    var head = ExchangeFile.header(magic, 0, offsets.count - 1, total)
    for offset in offsets { head.append(littleEndian: UInt64(offset)) }
    return head
  }
}

/// Embeddings and how long each call took (PROTOCOL.md, "Embedding file").
struct EmbeddingFile: Equatable {
  var dimension: Int
  var vectors: [Float]
  var latencies: [UInt64]

  /// Reads a file of `texts` embeddings that took `calls` calls.
  /// - Throws: `ResultFileError` naming what differs from what was asked.
  init(path: String, texts: Int, calls: Int) throws(ResultFileError) {
    let file = try ExchangeFileReader(path: path, noun: "embedding file")
    guard file.size >= ExchangeFile.headerBytes else {
      throw ResultFileError(reason: "the embedding file has \(file.size) bytes, fewer than its header")
    }
    let fields = try file.header("RMEMBEDS")
    guard fields.version == adapterProtocolVersion, (1...65_536).contains(fields.narrow), fields.first == texts,
      fields.second == calls
    else {
      throw ResultFileError(
        reason: "the embedding file's header says version \(fields.version), dimension \(fields.narrow), "
          + "\(fields.first) texts, \(fields.second) calls; asked were version \(adapterProtocolVersion), \(texts) texts, "
          + "\(calls) calls")
    }
    let expected = ExchangeFile.headerBytes + 8 * calls + 4 * texts * fields.narrow
    guard file.size == expected else {
      throw ResultFileError(
        reason: "the embedding file has \(file.size) bytes; \(texts) embeddings of dimension \(fields.narrow) and "
          + "\(calls) calls make \(expected)")
    }
    dimension = fields.narrow
    latencies = try file.read(UInt64.self, calls).map { UInt64(littleEndian: $0) }
    vectors = try file.read(UInt32.self, texts * dimension).map { Float(bitPattern: UInt32(littleEndian: $0)) }
  }
}
