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

  /// What the legacy interface takes in its place: 0 is now, 1 is any time, 2 a few seconds ago. A session it cannot know.
  var guaranteeTimestamp: Int {
    switch self {
    case .strong, .session: 0
    case .eventually: 1
    case .bounded: 2
    }
  }
}
