internal import CCurl
internal import Glibc

/// Tells addresses of the open internet from those that only a machine inside can reach: loopback, private networks, link-local
/// (where clouds keep their credentials), and all that is set aside (IANA's special-purpose registries, RFC 6890).
package enum PublicAddress {
  /// Of the 4 bytes of an IPv4 address, or the 16 of an IPv6 one, in network order; nothing else is public.
  package static func isPublic(_ bytes: [UInt8]) -> Bool {
    switch bytes.count {
    case 4: return !reserved.contains { matches(bytes, $0.prefix, $0.bits) }
    case 16:
      // Addresses that carry an IPv4 one are as public as that: mapped (RFC 4291), NAT64 (RFC 6052), 6to4 (RFC 3056).
      if matches(bytes, [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF], 96) { return isPublic(Array(bytes[12...])) }
      if matches(bytes, [0, 0x64, 0xFF, 0x9B, 0, 0, 0, 0, 0, 0, 0, 0], 96) { return isPublic(Array(bytes[12...])) }
      if matches(bytes, [0x20, 0x02], 16) { return isPublic(Array(bytes[2..<6])) }
      // Only 2000::/3 has been given out, and of it 2001::/23 for protocols and 2001:db8::/32, 3fff::/20 for books.
      return matches(bytes, [0x20], 3) && !matches(bytes, [0x20, 0x01, 0], 23)
        && !matches(bytes, [0x20, 0x01, 0x0D, 0xB8], 32) && !matches(bytes, [0x3F, 0xFF, 0], 20)
    default: return false
    }
  }

  private static let reserved: [(prefix: [UInt8], bits: Int)] = [
    ([0], 8), ([10], 8), ([100, 64], 10), ([127], 8), ([169, 254], 16), ([172, 16], 12), ([192, 0, 0], 24),
    ([192, 0, 2], 24), ([192, 88, 99], 24), ([192, 168], 16), ([198, 18], 15), ([198, 51, 100], 24),
    ([203, 0, 113], 24), ([224], 4), ([240], 4),
  ]

  private static func matches(_ bytes: [UInt8], _ prefix: [UInt8], _ bits: Int) -> Bool {
    for (place, byte) in prefix.enumerated() {
      let left = bits - place * 8
      guard left > 0 else { return true }
      let mask: UInt8 = left >= 8 ? 0xFF : ~(0xFF >> UInt8(left))
      guard bytes[place] & mask == byte & mask else { return false }
    }
    return true
  }

  /// Of what a socket is about to be connected to; none for anything but the internet's two families.
  static func bytes(of address: UnsafePointer<sockaddr>) -> [UInt8] {
    let raw = UnsafeRawPointer(address)
    switch Int32(address.pointee.sa_family) {
    case AF_INET:
      let address = raw.loadUnaligned(as: sockaddr_in.self).sin_addr
      return withUnsafeBytes(of: address) { Array($0) }
    case AF_INET6:
      let address = raw.loadUnaligned(as: sockaddr_in6.self).sin6_addr
      return withUnsafeBytes(of: address) { Array($0) }
    default: return []
    }
  }
}

/// Refuses sockets to addresses that are not public, before anything is sent there. libcurl asks for every connection, so that
/// neither a name that changes its address nor a redirection gets by.
final class AddressGate {
  private let allows: ([UInt8]) -> Bool
  /// An address was refused.
  private(set) var hasRefused = false

  /// - Parameter allows: told the bytes of an address.
  init(allows: @escaping ([UInt8]) -> Bool) { self.allows = allows }

  /// The gate must outlive the handle's transfer.
  func guardSockets(of handle: CurlHandle) {
    // Behind a proxy its address would be the one that is seen.
    handle.set(CURLOPT_PROXY, "")
    handle.set(CURLOPT_OPENSOCKETDATA, Unmanaged.passUnretained(self).toOpaque())
    ragmeter_curl_set_opensocket(handle.raw) { context, _, address in
      guard let context, let address else { return CURL_SOCKET_BAD }
      let gate = Unmanaged<AddressGate>.fromOpaque(context).takeUnretainedValue()
      let bytes = withUnsafePointer(to: &address.pointee.addr) { PublicAddress.bytes(of: $0) }
      guard gate.allows(bytes) else {
        gate.hasRefused = true
        return CURL_SOCKET_BAD
      }
      return socket(
        address.pointee.family, address.pointee.socktype | Int32(SOCK_CLOEXEC.rawValue), address.pointee.protocol)
    }
  }
}
