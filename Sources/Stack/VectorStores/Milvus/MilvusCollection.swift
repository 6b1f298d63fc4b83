internal import VectorIndexes

/// What Milvus says of a collection, and what we wrote there of it.
struct MilvusCollection {
  var schema: CollectionSchema
  /// The names of the fields that hold the key and the vector.
  var keyField: String
  var vectorField: String
  /// Fields of the schema besides these two, which others may have given it.
  var otherFields: [String] = []
  var isLoaded = false
  var indexName = Self.vectorName

  /// The fields' names where we make the collection, which are those that Milvus gives by itself.
  static let keyName = "id"
  static let vectorName = "vector"
  /// The column that holds the dynamic fields.
  static let dynamicName = "$meta"

  /// How a collection's description begins that we wrote: what follows is JSON of the index and the properties, for which Milvus has
  /// no other place.
  private static let mark = "ragmeter "

  static func note(of schema: CollectionSchema) -> String {
    let index: [String: FieldValue] = schema.index.parameters.mapValues { .string($0) }
    let note: FieldValue = .object([
      "index": .object(["kind": .string(schema.index.kind), "parameters": .object(index)]),
      "properties": .object(schema.properties.mapValues { .string($0) }),
    ])
    return mark + note.json
  }

  /// Takes over what `note` has put down; another description says nothing.
  mutating func read(note: String) {
    guard note.hasPrefix(Self.mark), let value = try? FieldValue(json: String(note.dropFirst(Self.mark.count))) else {
      return
    }
    if let kind = value["index"]?["kind"]?.string {
      let parameters = value["index"]?["parameters"]?.object?.compactMapValues(\.string) ?? [:]
      schema.index = IndexSpecification(kind: kind, parameters: parameters)
    }
    schema.properties = value["properties"]?.object?.compactMapValues(\.string) ?? [:]
  }

  /// Reads the fields as `collections/describe` lists them, of both versions: `FloatVector(4)` or `FloatVector` with `params`.
  ///
  /// - Returns: nil for a collection without a vector of floats, or with a key of another kind.
  init?(name: String, description: FieldValue) {
    var key: (name: String, type: CollectionSchema.KeyType, autoID: Bool)?
    var vector: (name: String, dimension: Int)?
    for field in description["fields"]?.array ?? [] {
      guard let fieldName = field["name"]?.string, let type = field["type"]?.string else { continue }
      let isAutomatic = field["autoId"]?.bool ?? description["autoId"]?.bool ?? false
      if field["primaryKey"]?.bool == true {
        guard type == "Int64" || type.hasPrefix("VarChar") else { return nil }
        key = (fieldName, type == "Int64" ? .integer : .string, isAutomatic)
      } else if type.hasPrefix("FloatVector"), vector == nil {
        guard let dimension = Self.dimension(type, field) else { return nil }
        vector = (fieldName, dimension)
      } else {
        otherFields.append(fieldName)
      }
    }
    guard let key, let vector else { return nil }
    let index = description["indexes"]?.array?.first { $0["fieldName"]?.string == vector.name }
    keyField = key.name
    vectorField = vector.name
    schema = CollectionSchema(
      name: name, dimension: vector.dimension, metric: index?["metricType"]?.string.flatMap(StoreMetric.init) ?? .l2,
      keyType: key.type, autoID: key.autoID, index: IndexSpecification(kind: MilvusIndex.automatic))
    indexName = index?["indexName"]?.string ?? vector.name
    isLoaded = description["load"]?.string == "LoadStateLoaded"
    read(note: description["description"]?.string ?? "")
  }

  private static func dimension(_ type: String, _ field: FieldValue) -> Int? {
    if let open = type.firstIndex(of: "("), type.hasSuffix(")") {
      return Int(type[type.index(after: open)...].dropLast())
    }
    return field["params"]?.array?.first { $0["key"]?.string == "dim" }?["value"]?.integer.map(Int.init)
  }
}
