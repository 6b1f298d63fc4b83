import VectorIndexes

/// What every store refuses alike, before it does anything.
extension CollectionSchema {
  /// Milvus's rule: 1 to 255 letters, digits and underscores of ASCII, the first no digit.
  ///
  /// - Throws: `invalidArgument` for a name, a dimension or an index that cannot be.
  package func check() throws(VectorStoreError) {
    try Self.check(name: name)
    guard !autoID || keyType == .integer else {
      throw .invalidArgument("keys that the store gives are integers; choose integer keys, or give them yourself")
    }
    do {
      _ = try IndexFactory.make(index, dimension: dimension, metric: DistanceMetric(metric))
    } catch {
      throw .invalidArgument("\(error)")
    }
  }

  static func check(name: String) throws(VectorStoreError) {
    let isName = name.utf8.allSatisfy {
      switch $0 {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: false
      }
    }
    let beginsWithDigit = name.utf8.first.map { $0 < UInt8(ascii: "A") } ?? true
    guard isName, !beginsWithDigit, name.utf8.count <= 255 else {
      let shown = name.count > 40 ? "\(name.prefix(40))…" : name
      throw .invalidArgument(
        "a collection cannot be called '\(shown)'; names are 1 to 255 letters, digits and underscores, and begin with no digit"
      )
    }
  }
}

extension DistanceMetric {
  package init(_ metric: StoreMetric) {
    switch metric {
    case .l2: self = .l2
    case .ip: self = .ip
    case .cosine: self = .cosine
    }
  }
}

/// What every store refuses of rows.
extension StoreRow {
  /// Names that a row's own parts have in answers.
  package static let reservedFields: Set<String> = ["id", "vector", "distance", "$meta"]

  private static var longestKey: Int { 65_535 }
  private static var deepestField: Int { 100 }

  /// - Throws: the reason why the row does not fit the collection.
  func check(_ schema: CollectionSchema) throws(RowRefusal) {
    switch key {
    case nil where !schema.autoID: throw RowRefusal("has no key, and the collection gives none")
    case .some where schema.autoID: throw RowRefusal("has a key, and the collection gives keys itself; leave it out")
    case .integer where schema.keyType == .string:
      throw RowRefusal("has an integer as its key, and the collection has strings")
    case .string where schema.keyType == .integer:
      throw RowRefusal("has a string as its key, and the collection has integers")
    case .string(let text) where text.utf8.count > Self.longestKey:
      throw RowRefusal("has a key of \(text.utf8.count) bytes; \(Self.longestKey) is the most")
    default: break
    }
    guard vector.count == schema.dimension else {
      throw RowRefusal("has a vector of dimension \(vector.count), and the collection \(schema.dimension)")
    }
    for (name, value) in fields {
      if Self.reservedFields.contains(name) { throw RowRefusal("has a field called \(name), which is the store's own") }
      try Self.check(value, of: name, depth: 0)
    }
  }

  private static func check(_ value: FieldValue, of name: String, depth: Int) throws(RowRefusal) {
    guard depth < deepestField else {
      throw RowRefusal("has a field '\(name)' that is nested deeper than \(deepestField)")
    }
    switch value {
    case .number(let number) where !number.isFinite:
      throw RowRefusal("has \(number) in its field '\(name)', which JSON cannot hold")
    case .array(let values): for value in values { try check(value, of: name, depth: depth + 1) }
    case .object(let fields): for value in fields.values { try check(value, of: name, depth: depth + 1) }
    default: break
    }
  }
}

/// Why a row is refused, as the end of a sentence that begins with the row.
struct RowRefusal: Error {
  var reason: String

  init(_ reason: String) { self.reason = reason }
}
