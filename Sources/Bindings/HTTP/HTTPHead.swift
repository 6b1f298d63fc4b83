/// What a source says before the body.
package struct HTTPHead: Sendable {
  /// 0 where the protocol has none (file, ftp).
  package var status = 0
  /// Names in lower case.
  package var headers: [String: String] = [:]

  /// Takes one line as it came.
  mutating func take(_ line: UnsafeRawBufferPointer) {
    if line.starts(with: "HTTP/".utf8) {
      // Every redirection brings a head of its own; the last one counts.
      let words = line.split(separator: UInt8(ascii: " "), maxSplits: 2)
      self = HTTPHead(status: words.count > 1 ? Int(String(decoding: words[1].prefix(3), as: UTF8.self)) ?? 0 : 0)
      return
    }
    guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { return }
    let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }.prefix { $0 != 0x0D && $0 != 0x0A }
    let name = String(unsafeUninitializedCapacity: colon) { letters in
      for index in 0..<colon {
        let byte = line[index]
        letters[index] = byte >= 0x80 ? UInt8(ascii: "?") : (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
      }
      return colon
    }
    headers[name] = String(decoding: value, as: UTF8.self)
  }
}
