/// Compression for what a benchmark measures: latencies of much the same length, and qualities of few different values.
///
/// Format 1: byte 1; the element's byte; the coding's byte; LEB128 count; the values; 8 bytes of FNV-1a over all before.
/// A value becomes a 64-bit word (two's complement zigzagged, floats by their bits). Coding 0, frames of reference: for
/// each 128 words their minimum (LEB128), a width, and the differences in that many bits. Coding 1, dictionary: LEB128
/// number of different words, each (LEB128, as the difference from the one before), a width, and the places.
///
/// Source: Lemire and Boytsov, "Decoding billions of integers per second through vectorization", 2015, section 2.
extension Samples {
  private static let formatVersion: UInt8 = 1
  private static let frame = 128
  private static let largestDictionary = 256
  /// More samples than any pass has; keeps a damaged count from asking for all memory.
  static let largestCount = 1 << 30

  package var compressed: [UInt8] {
    let words = words
    let distinct = Self.distinct(words)
    let framed = Self.frames(words)
    let indexed = distinct.map { Self.dictionary(words, distinct: $0) }
    let isIndexed = indexed.map { $0.count < framed.count } ?? false
    var writer = BitWriter()
    writer.append(byte: Self.formatVersion)
    writer.append(byte: element)
    writer.append(byte: isIndexed ? 1 : 0)
    writer.append(varint: UInt64(words.count))
    return Self.sealed(writer.bytes + (isIndexed ? indexed ?? framed : framed))
  }

  /// `nil` if the bytes are not what `compressed` wrote.
  package init?(compressed bytes: [UInt8]) {
    guard bytes.count >= 12 else { return nil }
    let body = bytes.dropLast(8)
    let stated = bytes.suffix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard Self.checksum(body) == stated else { return nil }
    var reader = BitReader(body)
    guard reader.byte() == Self.formatVersion, let element = reader.byte(), let coding = reader.byte(),
      let count = reader.varint(), count <= Self.largestCount
    else { return nil }
    let words: [UInt64]?
    switch coding {
    case 0: words = Self.words(framed: &reader, count: Int(count))
    case 1: words = Self.words(indexed: &reader, count: Int(count))
    default: words = nil
    }
    guard let words, reader.isAtEnd else { return nil }
    self.init(words: words, element: element)
  }

  /// The bytes with their checksum.
  package static func sealed(_ bytes: [UInt8]) -> [UInt8] {
    bytes + withUnsafeBytes(of: checksum(bytes[...]).littleEndian) { [UInt8]($0) }
  }

  private static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
    bytes.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x0000_0100_0000_01B3 }
  }
}

// MARK: Elements as words

extension Samples {
  private var element: UInt8 {
    switch self {
    case .uint64: 0
    case .int64: 1
    case .float: 2
    case .double: 3
    }
  }

  private var words: [UInt64] {
    switch self {
    case .uint64(let values): values
    case .int64(let values): values.map { UInt64(bitPattern: ($0 << 1) ^ ($0 >> 63)) }
    case .float(let values): values.map { UInt64($0.bitPattern) }
    case .double(let values): values.map(\.bitPattern)
    }
  }

  private init?(words: [UInt64], element: UInt8) {
    switch element {
    case 0: self = .uint64(words)
    case 1: self = .int64(words.map { Int64(bitPattern: $0 >> 1) ^ -Int64(bitPattern: $0 & 1) })
    case 2:
      guard words.allSatisfy({ $0 <= UInt32.max }) else { return nil }
      self = .float(words.map { Float(bitPattern: UInt32($0)) })
    case 3: self = .double(words.map(Double.init(bitPattern:)))
    default: return nil
    }
  }
}

// MARK: Codings

extension Samples {
  private static func width(_ largest: UInt64) -> Int { 64 - largest.leadingZeroBitCount }

  private static func frames(_ words: [UInt64]) -> [UInt8] {
    var writer = BitWriter()
    for start in stride(from: 0, to: words.count, by: frame) {
      let block = words[start..<min(start + frame, words.count)]
      guard let least = block.min(), let most = block.max() else { continue }
      let width = width(most - least)
      writer.append(varint: least)
      writer.append(byte: UInt8(width))
      writer.append(packed: block.lazy.map { $0 - least }, width: width)
    }
    return writer.bytes
  }

  private static func words(framed reader: inout BitReader, count: Int) -> [UInt64]? {
    var words: [UInt64] = []
    while words.count < count {
      let length = min(frame, count - words.count)
      guard let least = reader.varint(), let width = reader.byte(),
        reader.unpack(count: length, width: Int(width), { words.append(least &+ $0) }) != nil
      else { return nil }
    }
    return words
  }

  /// The different words in rising order, if they are few.
  private static func distinct(_ words: [UInt64]) -> [UInt64]? {
    var found: Set<UInt64> = []
    for word in words where found.insert(word).inserted && found.count > largestDictionary { return nil }
    return found.sorted()
  }

  private static func dictionary(_ words: [UInt64], distinct: [UInt64]) -> [UInt8] {
    var writer = BitWriter()
    writer.append(varint: UInt64(distinct.count))
    var last: UInt64 = 0
    for word in distinct {
      writer.append(varint: word - last)
      last = word
    }
    let places = Dictionary(uniqueKeysWithValues: distinct.enumerated().map { ($0.element, UInt64($0.offset)) })
    let width = width(UInt64(max(distinct.count, 1) - 1))
    writer.append(byte: UInt8(width))
    writer.append(packed: words.lazy.map { places[$0] ?? 0 }, width: width)
    return writer.bytes
  }

  private static func words(indexed reader: inout BitReader, count: Int) -> [UInt64]? {
    guard let size = reader.varint(), size <= largestDictionary, size > 0 || count == 0 else { return nil }
    var dictionary: [UInt64] = []
    for _ in 0..<size {
      guard let step = reader.varint() else { return nil }
      dictionary.append((dictionary.last ?? 0) &+ step)
    }
    var words: [UInt64] = []
    var isKnown = true
    guard let width = reader.byte(),
      reader.unpack(
        count: count, width: Int(width),
        { place in
          if place < size { words.append(dictionary[Int(place)]) } else { isKnown = false }
        }) != nil, isKnown
    else { return nil }
    return words
  }
}
