/// How an IVF index is built and searched, by the names the field uses.
public struct IVFParameters: Sendable, Equatable, Codable {
  /// How lists hold their rows.
  public enum Coding: String, Sendable, Codable, CaseIterable {
    /// float32, beside codes that discard rows unread.
    case flat = "ivf"
    /// 8-bit scalar codes.
    case sq8 = "ivf-sq8"
    /// 4-bit scalar codes.
    case sq4 = "ivf-sq4"
    /// 4-bit product codes, scanned by look-up tables in registers.
    case pq = "ivf-pq"
  }

  /// What is kept of the vectors as they were given, for re-ranking.
  public enum Originals: String, Sendable, Codable, CaseIterable {
    case f32, f16, none
  }

  public var coding: Coding
  /// Lists.
  public var nlist = 1024
  /// Lists that a search looks into when it does not say.
  public var nprobe = 8
  /// Candidates whose distance is computed again on the originals when a search does not say; 0 takes 2k for scalar codes
  /// and 4k for product codes.
  public var rerank = 0
  public var originals: Originals
  /// Sub-quantisers of `ivf-pq`, even; 0 takes one for every four dimensions.
  public var pqM = 0
  /// The copy that discards rows of plain `ivf`.
  public var codes = FlatIndex.Codes.auto
  public var seed: UInt64 = 42
  /// Rounds of k-means.
  public var iterations = 10
  /// Training vectors a list that k-means looks at.
  public var trainSize = 256
  /// Threads that `train` and `add` use; any number builds the same index.
  public var threads = 1

  public init(coding: Coding) {
    self.coding = coding
    originals = coding == .sq8 ? .none : .f32
  }

  /// Reads parameters as a specification has them.
  ///
  /// - Throws: `invalidArgument` for a value out of range.
  public init(coding: Coding, _ values: [String: String]) throws {
    self.init(coding: coding)
    nlist = try values.integer("nlist", in: 1...1 << 20, default: nlist)
    nprobe = try values.integer("nprobe", in: 1...1 << 20, default: min(nprobe, nlist))
    rerank = try values.integer("rerank", in: 0...1 << 20, default: rerank)
    originals = try values.choice("originals", default: originals)
    codes = try values.choice("codes", default: codes)
    seed = UInt64(try values.integer("seed", in: 0...Int.max, default: Int(seed)))
    iterations = try values.integer("iterations", in: 1...1000, default: iterations)
    trainSize = try values.integer("train_size", in: 1...1 << 20, default: trainSize)
    threads = try values.integer("threads", in: 1...1024, default: threads)
    pqM = try values.integer("pq_m", in: 0...1 << 15, default: pqM)
    guard pqM % 2 == 0 else {
      throw VectorIndexError.invalidArgument("pq_m is \(pqM); it must be even, as two codes share a byte")
    }
    if coding == .flat, originals != .f32 {
      throw VectorIndexError.invalidArgument(
        "ivf answers with float32 distances and keeps originals=f32; use ivf-sq8, ivf-sq4 or ivf-pq to keep less")
    }
  }

  /// The build parameters of a specification.
  static func names(_ coding: Coding) -> [String] {
    ["nlist", "nprobe", "rerank", "originals", "seed", "iterations", "train_size", "threads"]
      + (coding == .flat ? ["codes"] : []) + (coding == .pq ? ["pq_m"] : [])
  }

  /// Sub-quantisers for vectors of this dimension, at most one a dimension.
  func subquantizers(dimension: Int) -> Int {
    let wanted = pqM > 0 ? min(pqM, dimension) : (dimension + 3) / 4
    return max(2, (wanted + 1) / 2 * 2)
  }

  /// How many candidates a search for k collects before it computes distances; 0 ranks by scores alone.
  func candidates(k: Int, asked: Int) -> Int {
    if originals == .none || coding == .flat { return 0 }
    if asked > 0 { return max(k, asked) }
    if rerank > 0 { return max(k, rerank) }
    return coding == .pq ? 4 * k : 2 * k
  }
}
