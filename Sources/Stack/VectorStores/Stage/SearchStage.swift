internal import Files

/// Searching as scripts use it: questions in, one line of JSON with the hits each out.
public struct SearchStage {
  private let store: any VectorStore
  private let collection: String
  private let template: SearchRequest
  private let embed: ((String) throws -> [Float])?

  /// - Parameters:
  ///   - request: how every question is asked; its vectors are the question's.
  ///   - embed: the vector of a text; nil where only vectors are asked with, or the store takes texts.
  public init(
    store: any VectorStore, collection: String, request: SearchRequest, embed: ((String) throws -> [Float])?
  ) {
    self.store = store
    self.collection = collection
    template = request
    self.embed = embed
  }

  /// `{"id", "vector"}` or `{"id", "text"}` as `{"id", "hits": [{"id", "distance", …fields}]}`. The id comes back as it was, or
  /// is the line's number.
  ///
  /// - Throws: `DataError.corrupt` with the number of a line that cannot be answered; what the store and `embed` throw that
  ///   is not the line's fault.
  public func answer(line: UnsafeRawBufferPointer, number: Int, source: String) throws -> [UInt8] {
    let fields = try JSONLine.object(line, number: number, source: source)
    let refuse = { (reason: String) in JSONLine.refusal(reason, number: number, source: source) }
    let id = fields["id"] ?? .integer(Int64(number))
    switch (fields["vector"], fields["text"]) {
    case (let vector?, _):
      do {
        return try answer(id: id, vector: JSONLine.vector(vector, refuse))
      } catch VectorStoreError.invalidArgument(let reason) {
        throw refuse(reason)
      }
    case (nil, .string(let text)): return try answer(id: id, text: text)
    default: throw refuse("has neither a \"vector\" nor a \"text\"")
    }
  }

  public func answer(id: FieldValue, text: String) throws -> [UInt8] {
    guard let embed else {
      if let store = store as? any TextSearchStore {
        let found = try store.search(texts: [text], limit: template.limit, in: collection)
        return Self.line(id: id, found.first ?? [])
      }
      throw VectorStoreError.invalidArgument(
        "collection '\(collection)' does not say which embedder its vectors are of; name one to search by text")
    }
    return try answer(id: id, vector: embed(text))
  }

  private func answer(id: FieldValue, vector: [Float]) throws -> [UInt8] {
    var request = template
    request.vectors = vector
    guard !vector.isEmpty else { throw VectorStoreError.invalidArgument("the vector to search with is empty") }
    let found = try store.search(request, in: collection)
    guard found.count == 1 else {
      throw VectorStoreError.invalidArgument(
        "a question is one vector, not \(found.count): \(vector.count) values were given for dimension "
          + "\(vector.count / max(found.count, 1))")
    }
    return Self.line(id: id, found[0])
  }

  private static func line(id: FieldValue, _ hits: [SearchHit]) -> [UInt8] {
    var line: [UInt8] = Array("{\"id\":".utf8)
    JSONWriter.append(id, to: &line)
    line += ",\"hits\":[".utf8
    for (index, hit) in hits.enumerated() {
      if index > 0 { line.append(UInt8(ascii: ",")) }
      line += "{\"id\":".utf8
      switch hit.key {
      case .integer(let number): JSONWriter.append(.integer(number), to: &line)
      case .string(let text): JSONWriter.append(.string(text), to: &line)
      }
      line += ",\"distance\":\(hit.distance.isFinite ? "\(hit.distance)" : "null")".utf8
      if !hit.fields.isEmpty {
        var fields: [UInt8] = []
        JSONWriter.append(hit.fields, to: &fields)
        line.append(UInt8(ascii: ","))
        line += fields.dropFirst().dropLast()
      }
      line.append(UInt8(ascii: "}"))
    }
    line += "]}\n".utf8
    return line
  }
}
