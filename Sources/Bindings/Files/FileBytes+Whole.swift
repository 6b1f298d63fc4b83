import Checksums

/// The whole file as one value, for callers that keep no pointer into it.
extension FileBytes {
  /// The bytes as UTF-8, mended where they are none.
  package var text: String { withExtendedLifetime(self) { String(decoding: bytes, as: UTF8.self) } }

  package var sha256: String { withExtendedLifetime(self) { SHA256.hex(of: bytes) } }
}
