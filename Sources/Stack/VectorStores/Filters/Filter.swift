/// A filter expression that was read and can be asked about rows.
package struct Filter {
  let expression: FilterExpression

  /// - Throws: `VectorStoreError.invalidFilter` with the column where it stops making sense.
  /// - Complexity: O(length).
  package init(_ text: String) throws(VectorStoreError) {
    do {
      expression = try FilterParser.expression(of: text)
    } catch {
      throw .invalidFilter(filter: text, column: error.column, reason: error.reason)
    }
  }

  /// Whether a row with this key and these fields matches.
  package func matches(key: PrimaryKey, fields: [String: FieldValue]) -> Bool {
    var json: [UInt8] = []
    JSONWriter.append(fields, to: &json)
    return json.withUnsafeBufferPointer { json in
      switch key {
      case .integer(let integer): return matches(FilteredRow(key: .integer(integer), fields: json))
      case .string(var text):
        return text.withUTF8 { matches(FilteredRow(key: .text($0), fields: json)) }
      }
    }
  }

  func matches(_ row: FilteredRow) -> Bool { row.truth(of: expression) == true }

  /// Keys of which a row must have one to match; nil where the filter does not say.
  var keys: FilterValues? { Self.keys(expression) }

  private static func keys(_ expression: FilterExpression) -> FilterValues? {
    switch expression {
    case .compare(.equal, .key, .literal(let literal)), .compare(.equal, .literal(let literal), .key):
      FilterValues([literal])
    case .isMember(.key, let values): values
    case .all(let parts): parts.lazy.compactMap(keys).first
    default: nil
    }
  }
}
