import VectorIndexes

/// A schema as one JSON text, for stores that keep it beside the rows in a system that knows less of it.
extension CollectionSchema {
  var json: String {
    FieldValue.object([
      "name": .string(name), "dimension": .integer(Int64(dimension)), "metric": .string(metric.rawValue),
      "key_type": .string(keyType.rawValue), "auto_id": .bool(autoID), "index": .string(index.kind),
      "parameters": .object(index.parameters.mapValues { .string($0) }),
      "properties": .object(properties.mapValues { .string($0) }),
    ]).json
  }

  /// nil for a text that is none.
  init?(json: String) {
    guard case .object(let fields)? = try? FieldValue(json: json), case .string(let name)? = fields["name"],
      case .integer(let dimension)? = fields["dimension"], dimension > 0, dimension <= Int64(Int32.max),
      case .string(let metricName)? = fields["metric"], let metric = StoreMetric(rawValue: metricName),
      case .string(let keyName)? = fields["key_type"], let keyType = KeyType(rawValue: keyName),
      case .bool(let autoID)? = fields["auto_id"], case .string(let kind)? = fields["index"],
      let parameters = Self.texts(fields["parameters"]), let properties = Self.texts(fields["properties"])
    else { return nil }
    self.init(
      name: name, dimension: Int(dimension), metric: metric, keyType: keyType, autoID: autoID,
      index: IndexSpecification(kind: kind, parameters: parameters), properties: properties)
  }

  private static func texts(_ value: FieldValue?) -> [String: String]? {
    guard case .object(let fields)? = value else { return nil }
    var texts: [String: String] = [:]
    for (name, value) in fields {
      guard case .string(let text) = value else { return nil }
      texts[name] = text
    }
    return texts
  }
}
