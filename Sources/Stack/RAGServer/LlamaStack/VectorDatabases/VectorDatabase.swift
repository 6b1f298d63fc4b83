internal import Checksums
internal import JSON
internal import VectorStores

/// A collection under the name that clients gave it.
struct VectorDatabase: Sendable {
  let id: String
  let provider: StackConfiguration.Provider
  let store: any VectorStore
  let collection: CollectionSchema
  let model: StackOptions.EmbeddingModel

  /// As lists tell it; an answer to its registration tells the owner too.
  func json(withOwner: Bool) -> JSONValue {
    var members: [JSONMember] = [
      JSONMember(name: "identifier", value: .string(id)), JSONMember(name: "provider_resource_id", value: .string(id)),
      JSONMember(name: "provider_id", value: .string(provider.id)),
      JSONMember(name: "type", value: .string("vector_db")),
    ]
    if withOwner {
      let owner = JSONValue.fields(["principal": .string(""), "attributes": .fields([:])])
      members.append(JSONMember(name: "owner", value: owner))
    }
    members.append(JSONMember(name: "embedding_model", value: .string(model.id)))
    members.append(JSONMember(name: "embedding_dimension", value: .integer(collection.dimension)))
    return .object(members)
  }

  /// A name that every store takes: what is no letter, digit or underscore becomes one, and a digest keeps names apart.
  static func collectionName(_ id: String) -> String {
    let plain = id.unicodeScalars.map { scalar -> Character in
      scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar)) ? Character(scalar) : "_"
    }
    guard String(plain) != id || plain.count > 200 || plain.first?.isNumber != false else { return id }
    return "db_\(String(plain.prefix(200)))_\(SHA256.hex(of: id).prefix(8))"
  }
}
