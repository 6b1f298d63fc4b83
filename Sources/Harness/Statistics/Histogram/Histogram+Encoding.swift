/// Bytes that are no histogram.
public struct HistogramEncodingError: Error, Equatable, CustomStringConvertible {
  public var offset: Int
  public var reason: String
  public var description: String { "these bytes are no histogram: \(reason) at offset \(offset)" }
}

/// Format 1: byte 1, then LEB128 numbers: occupied buckets, minimum, maximum, sum, and for each occupied bucket the gap
/// to the one before and its count.
extension Histogram {
  private static let formatVersion: UInt8 = 1

  /// A compact form: some 3 bytes an occupied bucket.
  public var encoded: [UInt8] {
    let occupied = buckets.indices.filter { buckets[$0] > 0 }
    var bytes = [Self.formatVersion]
    func append(_ number: UInt128) {
      var rest = number
      while rest > 0x7F {
        bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
        rest >>= 7
      }
      bytes.append(UInt8(rest))
    }
    append(UInt128(occupied.count))
    append(UInt128(minimum ?? 0))
    append(UInt128(maximum ?? 0))
    append(sum)
    var last = -1
    for index in occupied {
      append(UInt128(index - last))
      append(UInt128(buckets[index]))
      last = index
    }
    return bytes
  }

  /// The histogram that `encoded` wrote.
  ///
  /// - Throws: `HistogramEncodingError` with the offset of the first byte that makes no sense.
  public init(encoded bytes: [UInt8]) throws {
    var offset = 0
    func fail(_ reason: String) -> HistogramEncodingError { HistogramEncodingError(offset: offset, reason: reason) }
    func number<T: FixedWidthInteger>(as type: T.Type) throws -> T {
      var value: UInt128 = 0
      var shift: UInt128 = 0
      while true {
        guard offset < bytes.count else { throw fail("it ends too early") }
        guard shift < 126 else { throw fail("a number is too long") }
        let byte = bytes[offset]
        offset += 1
        value |= UInt128(byte & 0x7F) << shift
        shift += 7
        if byte < 0x80 { break }
      }
      guard let fitting = T(exactly: value) else { throw fail("a number is too large") }
      return fitting
    }

    guard bytes.first == Self.formatVersion else { throw fail("the format is not \(Self.formatVersion)") }
    offset = 1
    let occupied = try number(as: Int.self)
    let minimum = try number(as: UInt64.self)
    let maximum = try number(as: UInt64.self)
    let sum = try number(as: UInt128.self)
    guard minimum <= maximum, occupied <= Self.bucketCount else { throw fail("the bounds make no sense") }
    var buckets = [UInt64](repeating: 0, count: Self.bucketCount)
    var index = -1
    var first: Int?
    var total: UInt64 = 0
    for _ in 0..<occupied {
      let gap = try number(as: Int.self)
      guard gap > 0, gap < Self.bucketCount - index else { throw fail("a bucket is out of range") }
      index += gap
      buckets[index] = try number(as: UInt64.self)
      let (grown, overflow) = total.addingReportingOverflow(buckets[index])
      guard buckets[index] > 0, !overflow else { throw fail("a count makes no sense") }
      total = grown
      first = first ?? index
    }
    guard offset == bytes.count else { throw fail("bytes follow its end") }
    if let first {
      guard first == Self.bucket(of: minimum), index == Self.bucket(of: maximum) else {
        throw fail("the ends differ from the buckets")
      }
    }
    self.init(
      buckets: buckets, minimum: first == nil ? nil : minimum, maximum: first == nil ? nil : maximum, sum: sum)
  }
}
