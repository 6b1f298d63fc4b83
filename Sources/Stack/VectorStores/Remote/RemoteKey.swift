internal import Foundation

/// What opens a server, from a variable of the environment: it goes into the header of requests and nowhere else.
///
/// Whatever prints, describes or mirrors it sees the name of the variable.
package struct RemoteKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  package let variable: String
  private let secret: String

  /// - Returns: nil where the environment has no such variable, or an empty one.
  /// - Throws: `VectorStoreError.invalidArgument` for a value that no header can carry.
  package init?(variable: String, environment: [String: String]) throws(VectorStoreError) {
    let secret = environment[variable]?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    guard !secret.isEmpty else { return nil }
    guard secret.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw .invalidArgument(
        "\(variable) holds spaces, line ends or letters beyond ASCII, which no key does; set it again")
    }
    self.variable = variable
    self.secret = secret
  }

  var header: String { "Authorization: Bearer \(secret)" }

  /// The text without the key: servers repeat what they were sent.
  func redacted(_ text: String) -> String { text.replacing(secret, with: "[key]") }

  package var description: String { "key from \(variable)" }
  package var debugDescription: String { description }
  package var customMirror: Mirror { Mirror(self, children: ["variable": variable]) }
}
