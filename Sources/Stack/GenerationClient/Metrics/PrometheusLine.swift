/// One line of a `/metrics` page, from where it has been read to its end.
struct PrometheusLine {
  struct Flaw: Error {
    var reason: String
  }

  private let bytes: UnsafeBufferPointer<UInt8>
  private var place = 0

  init(_ bytes: UnsafeBufferPointer<UInt8>) {
    // Pages with CR LF are met behind proxies.
    self.bytes = bytes.last == 0x0D ? UnsafeBufferPointer(rebasing: bytes.dropLast()) : bytes
  }

  var isAtEnd: Bool { place == bytes.count }

  mutating func take(_ byte: UInt8) -> Bool {
    guard place < bytes.count, bytes[place] == byte else { return false }
    place += 1
    return true
  }

  mutating func skipBlanks() {
    while place < bytes.count, Self.isBlank(bytes[place]) { place += 1 }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }

  /// The bytes up to the first blank.
  ///
  /// - Returns: nil at the end, and if they are not wanted.
  mutating func word(where isWanted: PrometheusText.Filter = { _ in true }) -> String? {
    skipBlanks()
    let word = run { !Self.isBlank($0) }
    return word.isEmpty || !isWanted(word) ? nil : String(decoding: word, as: UTF8.self)
  }

  /// - Returns: whether it was there, and has been passed.
  mutating func take(word wanted: StaticString) -> Bool {
    skipBlanks()
    let start = place
    let word = run { !Self.isBlank($0) }
    let isThere = wanted.withUTF8Buffer { word.elementsEqual($0) }
    if !isThere { place = start }
    return isThere
  }

  /// What is left, with the escapes of a HELP line undone.
  mutating func rest() -> String {
    skipBlanks()
    var text: [UInt8] = []
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if byte == UInt8(ascii: "\\"), place < bytes.count { takeEscape(into: &text) } else { text.append(byte) }
    }
    return String(decoding: text, as: UTF8.self)
  }

  private mutating func run(while isPart: (UInt8) -> Bool) -> UnsafeBufferPointer<UInt8> {
    let start = place
    while place < bytes.count, isPart(bytes[place]) { place += 1 }
    return UnsafeBufferPointer(rebasing: bytes[start..<place])
  }

  // MARK: - A series

  /// - Returns: nil if its name is not wanted.
  mutating func series(where isWanted: PrometheusText.Filter) throws(Flaw) -> PrometheusText.Series? {
    let bare = try bareName()
    if !bare.isEmpty, !isWanted(bare) { return nil }
    var series = PrometheusText.Series(name: String(decoding: bare, as: UTF8.self), value: 0)
    skipBlanks()
    if take(UInt8(ascii: "{")) { try takeLabels(of: &series) }
    if bare.isEmpty {
      guard !series.name.isEmpty else { throw Flaw(reason: "it has no name") }
      guard Array(series.name.utf8).withUnsafeBufferPointer(isWanted) else { return nil }
    }
    guard let number = word() else { throw Flaw(reason: "\(series.name) has no value") }
    guard let value = Self.number(number) else {
      throw Flaw(reason: "the value of \(series.name) is \(Self.quote(number)), which is no number")
    }
    series.value = value
    // A timestamp, and exemplars behind OpenMetrics' " # ".
    guard let stamp = word(), stamp != "#" else { return series }
    guard Self.number(stamp) != nil else {
      throw Flaw(reason: "\(Self.quote(stamp)) stands behind the value of \(series.name), and is no timestamp")
    }
    guard let behind = word(), behind != "#" else { return series }
    throw Flaw(reason: "\(Self.quote(behind)) stands behind the timestamp of \(series.name)")
  }

  /// Empty where the name stands quoted between the braces, as Prometheus 3 writes what is not plain.
  private mutating func bareName() throws(Flaw) -> UnsafeBufferPointer<UInt8> {
    let name = run { !Self.isBlank($0) && $0 != UInt8(ascii: "{") }
    guard name.allSatisfy(Self.isNamePart), name.first.map({ !Self.isDigit($0) }) ?? true else {
      throw Flaw(reason: "\(Self.quote(String(decoding: name, as: UTF8.self))) is no name of a metric")
    }
    return name
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

  private static func isNamePart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"),
      UInt8(ascii: ":"):
      true
    default: isDigit(byte)
    }
  }

  private mutating func takeLabels(of series: inout PrometheusText.Series) throws(Flaw) {
    while true {
      skipBlanks()
      if take(UInt8(ascii: "}")) { return }
      let isQuoted = place < bytes.count && bytes[place] == UInt8(ascii: "\"")
      let name =
        isQuoted ? try quoted(of: "a name") : String(decoding: run(while: Self.isNamePart), as: UTF8.self)
      skipBlanks()
      if isQuoted, series.name.isEmpty, place < bytes.count, bytes[place] != UInt8(ascii: "=") {
        series.name = name
      } else {
        guard !name.isEmpty, take(UInt8(ascii: "=")) else {
          throw Flaw(reason: "the labels of \(series.name) are no list of name=\"value\"")
        }
        skipBlanks()
        series.labels.append((name, try quoted(of: "label \(name)")))
      }
      skipBlanks()
      guard take(UInt8(ascii: ",")) || place < bytes.count && bytes[place] == UInt8(ascii: "}") else {
        throw Flaw(reason: "the labels of \(series.name) do not end")
      }
    }
  }

  private mutating func quoted(of what: String) throws(Flaw) -> String {
    guard take(UInt8(ascii: "\"")) else { throw Flaw(reason: "\(what) has no quotes around it") }
    var text: [UInt8] = []
    while place < bytes.count {
      let byte = bytes[place]
      place += 1
      if byte == UInt8(ascii: "\"") { return String(decoding: text, as: UTF8.self) }
      if byte == UInt8(ascii: "\\"), place < bytes.count { takeEscape(into: &text) } else { text.append(byte) }
    }
    throw Flaw(reason: "the quotes of \(what) do not end")
  }

  /// An escape that is none stays as it is, as Prometheus reads it.
  private mutating func takeEscape(into text: inout [UInt8]) {
    let byte = bytes[place]
    place += 1
    switch byte {
    case UInt8(ascii: "n"): text.append(0x0A)
    case UInt8(ascii: "\\"), UInt8(ascii: "\""): text.append(byte)
    default: text += [UInt8(ascii: "\\"), byte]
    }
  }

  private static func number(_ word: String) -> Double? {
    // "nan(0x1)" and the like are C's, not the format's.
    word.utf8.contains(UInt8(ascii: "(")) ? nil : Double(word)
  }

  /// Enough of a text to recognise it.
  private static func quote(_ text: String) -> String { "\"\(text.prefix(24))\(text.count > 24 ? "…" : "")\"" }
}
