/// Looks for strings that end a text which comes in parts, holding back what may be the beginning of one.
struct StopStrings {
  private let stops: [[UInt8]]
  private var held: [UInt8] = []

  /// - Parameter stops: none empty.
  init(_ stops: [String]) { self.stops = stops.map { Array($0.utf8) } }

  /// The text that is free to be given after the next part, and whether a stop string came: the text ends before the first.
  mutating func append(_ part: String) -> (text: String, isStopped: Bool) {
    guard !stops.isEmpty else { return (part, false) }
    held += part.utf8
    if let place = firstStop() { return (release(place), true) }
    return (release(held.count - longestBeginning()), false)
  }

  /// What is still held back.
  mutating func finish() -> String { release(held.count) }

  private mutating func release(_ count: Int) -> String {
    let text = String(decoding: held[..<count], as: UTF8.self)
    held.removeFirst(count)
    return text
  }

  private func firstStop() -> Int? {
    held.indices.first { place in stops.contains { held[place...].starts(with: $0) } }
  }

  /// Bytes at the end with which a stop string begins.
  private func longestBeginning() -> Int {
    let longest = stops.reduce(0) { max($0, min($1.count - 1, held.count)) }
    return (1...max(1, longest)).last { count in
      count <= held.count && stops.contains { $0.count > count && $0.starts(with: held.suffix(count)) }
    } ?? 0
  }
}
