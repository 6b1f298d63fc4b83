/// Compares what a caller sends with the server's key.
struct APIKeyCheck: Sendable {
  private let key: [UInt8]?

  init(_ key: String?) { self.key = key.map { Array($0.utf8) } }

  /// - Parameter authorization: the header, if there was one.
  func accepts(_ authorization: String?) -> Bool {
    guard let key else { return true }
    let words = (authorization ?? "").split(separator: " ", maxSplits: 1)
    guard words.count == 2, words[0].lowercased() == "bearer" else { return false }
    let given = Array(words[1].utf8)
    // As long for every wrong key of a length, so that time tells nothing of the right one.
    var difference = UInt8(given.count == key.count ? 0 : 1)
    for (place, byte) in given.enumerated() { difference |= byte ^ key[place % max(1, key.count)] }
    return difference == 0
  }
}
