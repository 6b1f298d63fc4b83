internal import Foundation

/// Where a server is: `http://127.0.0.1:19530`, `https://in01-x.zillizcloud.com/prefix`.
package struct RemoteAddress: Sendable, Hashable, CustomStringConvertible {
  /// Without a slash at the end; paths are put behind it.
  package let url: String
  package let host: String
  package let isEncrypted: Bool

  /// - Throws: `VectorStoreError.invalidArgument` for anything but an http or https URL without name, password and query.
  package init(parsing text: String) throws(VectorStoreError) {
    let parts = URLComponents(string: text)
    guard let parts, let scheme = parts.scheme?.lowercased(), ["http", "https"].contains(scheme),
      let host = parts.host, !host.isEmpty
    else {
      throw .invalidArgument("'\(text)' is no address of a server; write http://HOST:PORT or https://HOST")
    }
    guard parts.user == nil, parts.password == nil, parts.query == nil, parts.fragment == nil else {
      throw .invalidArgument(
        "the address of '\(host)' carries more than host, port and path; keys and passwords belong in the environment")
    }
    var url = text
    while url.hasSuffix("/") { url.removeLast() }
    self.url = url
    self.host = host
    isEncrypted = scheme == "https"
  }

  /// Whether it is this machine, by an address or by the one name that no resolver is asked about.
  package var isLoopback: Bool {
    let host = self.host.lowercased()
    if host == "localhost" || host == "::1" || host == "[::1]" { return true }
    let numbers = host.split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
    return numbers.count == 4 && !numbers.contains(nil) && numbers[0] == 127
  }

  package var description: String { url }
}
