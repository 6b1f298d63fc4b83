internal import Checksums
internal import JSON

/// A row as a chunk of Llama Stack: its text is the content, its other fields and its key are the metadata.
package enum LlamaStackChunk {
  /// Of the metadata: the row's key.
  static let key = "ragmeter_key"
  /// Of the metadata: what Llama Stack knows the document by, without which it takes no chunk.
  static let document = "document_id"

  /// Writes `{"content", "metadata", "embedding"}`; without a vector the server embeds the content.
  static func append(_ row: StoreRow, key: PrimaryKey, to body: inout [UInt8]) {
    var metadata = row.fields
    let text = metadata.removeValue(forKey: "text") ?? .string("")
    let (written, name): (FieldValue, String) =
      switch key {
      case .integer(let number): (.integer(number), "\(number)")
      case .string(let text): (.string(text), text)
      }
    metadata[Self.key] = written
    metadata[document] = .string(row.fields["document"]?.string ?? name)
    body += #"{"content":"#.utf8
    JSONWriter.append(text, to: &body)
    body += #","metadata":"#.utf8
    JSONWriter.append(.object(metadata), to: &body)
    if !row.vector.isEmpty {
      body += #","embedding":"#.utf8
      JSONText.append(row.vector, to: &body)
    }
    body.append(UInt8(ascii: "}"))
  }

  /// A chunk that was not written here has the key DOCUMENT#DIGEST, the same whenever it is found.
  package static func hit(_ chunk: FieldValue, score: Double) -> SearchHit {
    let content = chunk["content"]?.content ?? ""
    var fields: [String: FieldValue] = [:]
    if case .object(let metadata) = chunk["metadata"] { fields = metadata }
    let name = fields.removeValue(forKey: document)
    let key: PrimaryKey
    switch fields.removeValue(forKey: Self.key) {
    case .string(let text): key = .string(text)
    case .integer(let number): key = .integer(number)
    default:
      var content = content
      let digest = content.withUTF8 { SHA256.hex(of: UnsafeRawBufferPointer($0)) }
      key = .string("\(name?.string ?? "")#\(digest.prefix(12))")
      if fields["document"] == nil { fields["document"] = name }
    }
    fields["text"] = .string(content)
    return SearchHit(key: key, distance: Float(score), fields: fields)
  }
}
