internal import Foundation

/// A secret that opens a service: it goes into the header of requests and nowhere else.
///
/// Whatever prints, describes, mirrors or encodes it sees the name of its variable.
public struct APIKey: Sendable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// Where it was found.
  public let variable: String
  private let secret: String

  /// - Throws: `ClientError` if the environment has no such variable, or an empty one, or the value is no single line.
  public init(variable: String, environment: [String: String]) throws {
    let secret = environment[variable]?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    guard !secret.isEmpty else {
      throw ClientError("the environment has no variable \(variable); set it to the service's API key")
    }
    guard secret.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
      throw ClientError(
        "\(variable) holds spaces, line ends or letters beyond ASCII, which no API key does; set it again")
    }
    self.variable = variable
    self.secret = secret
  }

  /// The key that a server wants: the named variable's, which must be there, or else the profile's, if it is.
  ///
  /// Without a name no key goes where others can read it: to another machine, without encryption.
  public static func find(
    for profile: ServerProfile, variable: String? = nil, environment: [String: String]
  ) throws -> APIKey? {
    if let variable { return try APIKey(variable: variable, environment: environment) }
    guard profile.keepsSecrets else { return nil }
    return profile.keyVariable.flatMap { try? APIKey(variable: $0, environment: environment) }
  }

  public var description: String { "API key from \(variable)" }
  public var debugDescription: String { description }
  public var customMirror: Mirror { Mirror(self, children: ["variable": variable]) }

  package var header: String { "Authorization: Bearer \(secret)" }

  /// The text without the key: servers repeat what they were sent.
  public func redacted(_ text: String) -> String { text.replacing(secret, with: "[API key]") }
}
