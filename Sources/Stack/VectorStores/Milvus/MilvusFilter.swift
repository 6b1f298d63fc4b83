internal import JSON

/// Expressions as Milvus reads them.
enum MilvusFilter {
  /// What stands for every row until a request demands an expression.
  static let everything = ""

  /// A filter that every row matches, for requests that demand one.
  static func everything(_ collection: MilvusCollection) -> String {
    switch collection.schema.keyType {
    case .integer: "\(collection.keyField) >= \(Int64.min + 1)"
    case .string: "\(collection.keyField) >= \"\""
    }
  }

  static func members(_ keys: some Sequence<PrimaryKey>, of collection: MilvusCollection) -> String {
    "\(collection.keyField) in [\(keys.map(literal).joined(separator: ","))]"
  }

  static func beyond(_ key: PrimaryKey, in collection: MilvusCollection) -> String {
    "\(collection.keyField) > \(literal(key))"
  }

  static func both(_ a: String, _ b: String) -> String { a.isEmpty ? b : "(\(a)) and (\(b))" }

  private static func literal(_ key: PrimaryKey) -> String {
    switch key {
    case .integer(let number): return "\(number)"
    case .string(let text):
      var bytes: [UInt8] = []
      JSONText.append(text, to: &bytes)
      return String(decoding: bytes, as: UTF8.self)
    }
  }

  /// By keys: integers by value, texts by their bytes.
  static func precedes(_ a: StoreRow, _ b: StoreRow) -> Bool {
    switch (a.key, b.key) {
    case (.integer(let a), .integer(let b)): a < b
    case (.string(let a), .string(let b)): a.utf8.lexicographicallyPrecedes(b.utf8)
    default: false
    }
  }
}
