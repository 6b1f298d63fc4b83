/// How fresh an answer must be, by Milvus's names.
enum MilvusConsistency: String, CaseIterable {
  case strong = "Strong"
  case session = "Session"
  case bounded = "Bounded"
  case eventually = "Eventually"

  init(_ consistency: Consistency) {
    switch consistency {
    case .strong: self = .strong
    case .eventually: self = .eventually
    }
  }

  /// Says it to the legacy interface: 1 is any time, 2 is a few seconds ago; without it is now. A session it cannot know.
  func add(to body: inout RemoteBody) {
    switch self {
    case .strong, .session: break
    case .eventually: body.add("guarantee_timestamp", 1)
    case .bounded: body.add("guarantee_timestamp", 2)
    }
  }
}
