internal import CCrypto

/// Owns libcrypto's digest state.
///
/// `@unchecked Sendable`: `SHA256` changes a context only while it is the sole owner and copies it otherwise.
final class DigestContext: @unchecked Sendable {
  private let context: OpaquePointer

  init() {
    context = DigestContext.allocate()
    guard EVP_DigestInit_ex(context, EVP_sha256(), nil) == 1 else { fatalError("libcrypto offers no SHA-256") }
  }

  init(copying other: DigestContext) {
    context = DigestContext.allocate()
    guard EVP_MD_CTX_copy_ex(context, other.context) == 1 else { fatalError("libcrypto cannot copy a digest") }
  }

  deinit { EVP_MD_CTX_free(context) }

  func update(_ bytes: UnsafeRawBufferPointer) {
    guard EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) == 1 else {
      fatalError("libcrypto cannot go on with a digest")
    }
  }

  func finish() -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    guard EVP_DigestFinal_ex(context, &digest, nil) == 1 else { fatalError("libcrypto cannot end a digest") }
    return digest
  }

  private static func allocate() -> OpaquePointer {
    guard let context = EVP_MD_CTX_new() else { fatalError("libcrypto has no memory for a digest") }
    return context
  }
}
