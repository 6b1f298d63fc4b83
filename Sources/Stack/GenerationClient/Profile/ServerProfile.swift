internal import Foundation

/// A server: where it is and how it differs from others.
public struct ServerProfile: Sendable, Hashable {
  /// "vllm", "openai", ….
  public var name: String
  /// Up to and with the version: `http://127.0.0.1:8000/v1`.
  public var baseURL: String
  /// The environment's variable with the key; nil: the server wants none.
  public var keyVariable: String?
  /// From the server's root; nil: it tells nothing of itself.
  public var metricsPath: String?
  public var quirks: ServerQuirks

  public init(
    name: String, baseURL: String, keyVariable: String? = nil, metricsPath: String? = nil, quirks: ServerQuirks
  ) {
    self.name = name
    self.baseURL = baseURL
    self.keyVariable = keyVariable
    self.metricsPath = metricsPath
    self.quirks = quirks
  }

  /// The preset of a name, at another address if one is given.
  ///
  /// - Parameters:
  ///   - url: with or without the version's path and an endpoint behind it; nil: the preset's own.
  ///   - preset: one of `presets`; nil: by the address, and vLLM's ways where that tells nothing.
  /// - Throws: `ClientError` for an unknown preset, and for a URL that is none.
  public init(url: String?, preset: String? = nil) throws {
    let found: ServerProfile? =
      if let preset { Self.presets.first { $0.name == preset } } else {
        url.flatMap { url in Self.presets.first { Self.host($0.baseURL) == Self.host(url) && !$0.isLocal } }
          ?? .vllm
      }
    guard let found else {
      let names = Self.presets.map(\.name).joined(separator: ", ")
      throw ClientError("no preset is called '\(preset ?? "")'; there are \(names)")
    }
    self = found
    guard var url else { return }
    guard url.hasPrefix("http://") || url.hasPrefix("https://"), !Self.host(url).isEmpty else {
      throw ClientError("a server's URL begins with http:// or https:// and a host, as '\(url)' does not")
    }
    while url.hasSuffix("/") { url.removeLast() }
    for endpoint in ["/chat/completions", "/completions", "/models"] where url.hasSuffix(endpoint) {
      url.removeLast(endpoint.count)
    }
    let root = Self.root(url)
    baseURL = url == root ? root + found.baseURL.dropFirst(Self.root(found.baseURL).count) : url
  }

  /// Scheme, host and port.
  public var root: String { Self.root(baseURL) }

  public var metricsURL: String? { metricsPath.map { root + $0 } }

  func url(_ endpoint: ClientRequest.Endpoint) -> String {
    switch endpoint {
    case .completions: "\(baseURL)/completions"
    case .chat: "\(baseURL)/chat/completions"
    }
  }

  private var isLocal: Bool {
    let host = Self.host(baseURL)
    if host == "[::1]" || host.hasPrefix("[::1]:") { return true }
    let name = host.prefix { $0 != ":" }
    return name == "localhost" || name.wholeMatch(of: /127\.[0-9]+\.[0-9]+\.[0-9]+/) != nil
  }

  /// Whether what is sent stays between this machine and the server.
  package var keepsSecrets: Bool { baseURL.hasPrefix("https://") || isLocal }

  private static func root(_ url: String) -> String {
    guard let scheme = url.range(of: "://") else { return url }
    return String(url[..<(url[scheme.upperBound...].firstIndex(of: "/") ?? url.endIndex)])
  }

  private static func host(_ url: String) -> String {
    let root = root(url)
    return root.range(of: "://").map { String(root[$0.upperBound...]) } ?? ""
  }
}
