/// How an HNSW index is built and searched, by the names the field uses.
public struct HNSWParameters: Sendable, Equatable, Codable {
  /// What the graph is walked on.
  public enum Traversal: String, Sendable, Codable, CaseIterable {
    /// The vectors themselves.
    case full = "hnsw"
    /// 8-bit codes.
    case sq8 = "hnsw-sq8"
    /// 4-bit codes.
    case sq4 = "hnsw-sq4"
  }

  /// What is kept of the vectors as they were given.
  public enum Originals: String, Sendable, Codable, CaseIterable {
    case f32, f16, none
  }

  public var traversal: Traversal
  /// Links a node is given on each level; level 0 has room for twice as many.
  public var m = 16
  /// Width of the beam that finds a new node's neighbours.
  public var efConstruction = 200
  /// Width of the beam of a search that does not say; raised to k where k is larger.
  public var ef = 64
  /// Of the levels of nodes.
  public var seed: UInt64 = 42
  /// 1, or 2 to have `optimize` link every node anew in the finished graph: twice the time to build, for fewer nodes visited
  /// at high recall, and for the way between clusters that lie apart.
  public var passes: Int
  /// How much longer than the shortest path a detour must be to make a link superfluous in the second pass, on the metric's
  /// own scale (squared for l2).
  public var alpha: Float = 1.2
  /// Candidates of a search on codes that are compared again on the originals; 0 takes 1.5k for 8 bits and 3k for 4.
  public var rerank = 0
  public var originals: Originals
  /// Threads that `add` and `optimize` use. Only one gives the same graph every time.
  public var threads = 1

  public init(traversal: Traversal) {
    self.traversal = traversal
    originals = traversal == .full ? .f32 : .f16
    passes = traversal == .full ? 1 : 2
  }

  /// Reads parameters as a specification has them.
  ///
  /// - Throws: `invalidArgument` for a name that is not known and a value out of range.
  public init(traversal: Traversal, _ values: [String: String]) throws(VectorIndexError) {
    self.init(traversal: traversal)
    if let unknown = values.keys.sorted().first(where: { !Self.names.contains($0) }) {
      throw .invalidArgument(
        "\(traversal.rawValue) has no parameter \(unknown); it has \(Self.names.joined(separator: ", "))")
    }
    m = try values.integer("m", in: 2...512, default: m)
    efConstruction = try values.integer("ef_construction", in: 1...65_536, default: efConstruction)
    ef = try values.integer("ef", in: 1...65_536, default: ef)
    seed = UInt64(try values.integer("seed", in: 0...Int.max, default: Int(seed)))
    passes = try values.integer("passes", in: 1...2, default: passes)
    if let text = values["alpha"] {
      guard let number = Float(text), (1...4).contains(number) else {
        throw .invalidArgument("alpha is \(text); it must be a number from 1 to 4")
      }
      alpha = number
    }
    rerank = try values.integer("rerank", in: 0...65_536, default: rerank)
    originals = try values.choice("originals", default: originals)
    threads = try values.integer("threads", in: 1...SearchGate.workerLimit, default: threads)
    if traversal == .full, originals == .none {
      throw .invalidArgument("hnsw walks on the originals and cannot do without; use hnsw-sq8 or hnsw-sq4")
    }
  }

  /// Every parameter that a specification may name.
  public static let names = [
    "m", "ef_construction", "ef", "seed", "passes", "alpha", "rerank", "originals", "threads",
  ]
}
