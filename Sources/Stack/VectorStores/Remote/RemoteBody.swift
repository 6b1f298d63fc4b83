internal import JSON

/// The JSON object of a request, written member by member.
struct RemoteBody {
  private var text: [UInt8] = Array("{".utf8)
  /// Of the object that is being written.
  private var isFirst = true

  /// The whole object.
  var bytes: [UInt8] { text + [UInt8(ascii: "}")] }

  private mutating func name(_ name: String) {
    if !isFirst { text.append(UInt8(ascii: ",")) }
    isFirst = false
    JSONText.append(name, to: &text)
    text.append(UInt8(ascii: ":"))
  }

  mutating func add(_ name: String, _ value: FieldValue) {
    self.name(name)
    JSONWriter.append(value, to: &text)
  }

  mutating func add(_ name: String, _ value: String) { add(name, .string(value)) }
  mutating func add(_ name: String, _ value: Int) { add(name, .integer(Int64(value))) }
  mutating func add(_ name: String, _ values: [String]) { add(name, .array(values.map { .string($0) })) }

  mutating func add(_ name: String, vector: ArraySlice<Float>) {
    self.name(name)
    JSONText.append(vector: vector, to: &text)
  }

  /// `vectors` is `count × dimension`, row-major.
  mutating func add(_ name: String, vectors: ArraySlice<Float>, dimension: Int) {
    self.name(name)
    text.append(UInt8(ascii: "["))
    for start in stride(from: vectors.startIndex, to: vectors.endIndex, by: dimension) {
      if start > vectors.startIndex { text.append(UInt8(ascii: ",")) }
      JSONText.append(vector: vectors[start..<start + dimension], to: &text)
    }
    text.append(UInt8(ascii: "]"))
  }

  /// Objects that hold a row each: its key and its vector under these names, and its fields.
  mutating func add(_ name: String, rows: [StoreRow], key keyName: String, vector vectorName: String) {
    self.name(name)
    text.append(UInt8(ascii: "["))
    for (index, row) in rows.enumerated() {
      if index > 0 { text.append(UInt8(ascii: ",")) }
      text.append(UInt8(ascii: "{"))
      isFirst = true
      if let key = row.key { add(keyName, FieldValue(key)) }
      add(vectorName, vector: row.vector[...])
      for (name, value) in row.fields { add(name, value) }
      text.append(UInt8(ascii: "}"))
    }
    isFirst = false
    text.append(UInt8(ascii: "]"))
  }
}
