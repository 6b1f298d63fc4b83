internal import Foundation

/// An answer in columns, as the protocol of Milvus's clients has it.
struct MilvusColumns {
  let rows: Int
  private var columns: [String: [FieldValue]] = [:]
  private var dynamic: [FieldValue]?
  private var vectors: [FieldValue] = []
  private var dimension = 0
  private let connection: MilvusConnection
  private let collection: MilvusCollection

  /// - Throws: `VectorStoreError.remote` for columns of different lengths, and for dynamic fields that are no JSON.
  init(_ fields: FieldValue?, _ connection: MilvusConnection, _ collection: MilvusCollection) throws(VectorStoreError) {
    self.connection = connection
    self.collection = collection
    var lengths: Set<Int> = []
    for field in fields?.array ?? [] {
      guard let name = field["field_name"]?.string else { continue }
      if let vectors = field["Field"]?["Vectors"] {
        guard name == collection.vectorField, let list = Self.only(vectors["Data"])?["data"]?.array else { continue }
        self.vectors = list
        dimension = Int(vectors["dim"]?.integer ?? 0)
        lengths.insert(dimension > 0 ? list.count / dimension : 0)
        continue
      }
      let scalars = field["Field"]?["Scalars"]?["Data"]
      let list = Self.only(scalars)?["data"]?.array ?? []
      lengths.insert(list.count)
      guard scalars?["JsonData"] != nil else {
        columns[name] = list
        continue
      }
      var values: [FieldValue] = []
      for value in list {
        guard let json = value.string.flatMap({ Data(base64Encoded: $0) }),
          let object = try? json.withUnsafeBytes({ bytes in try FieldValue(json: bytes) })
        else { throw connection.malformed("dynamic fields that are no JSON", collection) }
        values.append(object)
      }
      if field["is_dynamic"]?.bool == true { dynamic = values } else { columns[name] = values }
    }
    guard lengths.count < 2 else { throw connection.malformed("columns of different lengths", collection) }
    rows = lengths.first ?? 0
  }

  /// The one member of an object that names its kind: `{"LongData": …}`.
  static func only(_ value: FieldValue?) -> FieldValue? { value?.object?.values.first }

  func value(_ name: String, _ row: Int) -> FieldValue? {
    guard let column = columns[name], row < column.count else { return nil }
    return column[row]
  }

  func vector(_ row: Int) throws(VectorStoreError) -> [Float] {
    guard dimension == collection.schema.dimension,
      let vector = FieldValue.array(Array(vectors[row * dimension..<(row + 1) * dimension])).vector
    else { throw connection.malformed("a row without its vector", collection) }
    return vector
  }

  /// Everything but key and vector.
  func fields(_ row: Int) -> [String: FieldValue] {
    var fields = dynamic.flatMap { row < $0.count ? $0[row].object : nil } ?? [:]
    for (name, column) in columns where name != collection.keyField && row < column.count { fields[name] = column[row] }
    return fields
  }
}
