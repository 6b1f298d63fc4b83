package import JSON

/// The models of a server, with the fields that OpenAI's clients read, and those of Llama Stack's.
package struct ModelListing: Sendable {
  package struct Entry: Sendable {
    package var name: String
    /// Tokens that it reads; nil: nobody here knows.
    package var maximumLength: Int?
    /// Of an embedder.
    package var dimension: Int?
    package var provider: String
    package var created: Int

    package init(name: String, maximumLength: Int?, dimension: Int? = nil, provider: String, created: Int) {
      self.name = name
      self.maximumLength = maximumLength
      self.dimension = dimension
      self.provider = provider
      self.created = created
    }

    package var json: JSONValue {
      .fields([
        "id": .string(name), "object": .string("model"), "created": .integer(created), "owned_by": .string("ragmeter"),
        "root": .string(name), "parent": .null, "max_model_len": maximumLength.map { .integer($0) } ?? .null,
        "identifier": .string(name), "provider_resource_id": .string(name), "provider_id": .string(provider),
        "type": .string("model"), "model_type": .string(dimension == nil ? "llm" : "embedding"),
        "metadata": dimension.map { .fields(["embedding_dimension": .integer($0)]) } ?? .fields([:]),
      ])
    }
  }

  package var entries: [Entry]

  package init(_ entries: [Entry]) { self.entries = entries }

  /// The answer of `/v1/models`.
  package var body: [UInt8] {
    JSONValue.fields(["object": .string("list"), "data": .array(entries.map(\.json))]).json
  }
}

extension ServedModel {
  /// The answer of `/version`.
  package static func versionBody(_ version: String) -> [UInt8] {
    JSONValue.fields(["version": .string(version)]).json
  }
}
