internal import CCrypto

/// SHA-256 (FIPS 180-4) over bytes handed over piece by piece, by libcrypto, which uses the processor's instructions.
///
/// ```
/// var hash = SHA256()
/// hash.update("l2")
/// hash.update(values)
/// let hex = hash.hex()
/// ```
/// A copy goes on by itself.
public struct SHA256: Sendable {
  private var state: DigestContext

  public init() { state = DigestContext() }

  public mutating func update(_ bytes: UnsafeRawBufferPointer) {
    if !isKnownUniquelyReferenced(&state) { state = DigestContext(copying: state) }
    state.update(bytes)
  }

  /// The UTF-8 bytes of a text.
  public mutating func update(_ text: String) {
    var text = text
    text.withUTF8 { update(UnsafeRawBufferPointer($0)) }
  }

  /// The memory of an array of numbers, as this machine stores it.
  public mutating func update<Number: BitwiseCopyable>(_ numbers: [Number]) {
    numbers.withUnsafeBytes { update($0) }
  }

  /// The digest of all bytes so far, as 64 lower-case hexadecimal digits.
  public func hex() -> String {
    let digits = Array("0123456789abcdef".utf8)
    let bytes = DigestContext(copying: state).finish()
    return String(decoding: bytes.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 15)]] }, as: UTF8.self)
  }

  public static func hex(of bytes: UnsafeRawBufferPointer) -> String {
    var hash = SHA256()
    hash.update(bytes)
    return hash.hex()
  }

  public static func hex(of text: String) -> String {
    var hash = SHA256()
    hash.update(text)
    return hash.hex()
  }
}
