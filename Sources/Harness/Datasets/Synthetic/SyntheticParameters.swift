import Files

/// What the generator makes: clusters, each a flat manifold of a stated dimension in a space of more.
public struct SyntheticParameters: Sendable, Equatable {
  public var count = 100_000
  public var dimension = 384
  public var queries = 1000
  public var clusters = 100
  /// Directions in which the points of one cluster vary.
  public var intrinsicDimension = 16
  /// Length of the noise in all other directions, relative to a cluster's radius.
  public var noise = 0.05
  /// Under inner product and cosine every vector has length one.
  public var metric = DatasetMetric.l2
  public var seed: UInt64 = 42

  public init() {}

  /// Reads `count=1000,dimension=64,…`, as the words after `synthetic:` on the command line.
  ///
  /// - Throws: `DataError.invalid`, naming the key that is unknown or the value that makes no sense.
  public init(parsing text: String) throws {
    for pair in text.split(separator: ",") {
      let parts = pair.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else {
        throw DataError.invalid("'\(pair)' is no key=value of the synthetic dataset")
      }
      try set(parts[0], to: parts[1])
    }
  }

  /// The keys that `set` knows.
  public static let keys = [
    "count", "dimension", "queries", "clusters", "intrinsic_dimension", "noise", "metric", "seed",
  ]

  /// - Throws: `DataError.invalid`.
  public mutating func set(_ key: String, to text: String) throws {
    func number<Number: LosslessStringConvertible>(_ type: Number.Type) throws -> Number {
      guard let value = Number(text) else {
        throw DataError.invalid("synthetic dataset: \(key) needs a number, not '\(text)'")
      }
      return value
    }
    switch key {
    case "count": count = try number(Int.self)
    case "dimension": dimension = try number(Int.self)
    case "queries": queries = try number(Int.self)
    case "clusters": clusters = try number(Int.self)
    case "intrinsic_dimension": intrinsicDimension = try number(Int.self)
    case "noise": noise = try number(Double.self)
    case "seed": seed = try number(UInt64.self)
    case "metric":
      guard let value = DatasetMetric(rawValue: text) else {
        throw DataError.invalid("synthetic dataset: metric is l2, ip or cosine, not '\(text)'")
      }
      metric = value
    default:
      throw DataError.invalid(
        "synthetic dataset: no parameter is called '\(key)'; there are \(SyntheticParameters.keys.joined(separator: ", "))"
      )
    }
  }

  /// All parameters in one line, as `init(parsing:)` reads them.
  public var text: String {
    "count=\(count),dimension=\(dimension),queries=\(queries),clusters=\(clusters),"
      + "intrinsic_dimension=\(intrinsicDimension),noise=\(noise),metric=\(metric.rawValue),seed=\(seed)"
  }

  func check() throws {
    func require(_ holds: Bool, _ sentence: String) throws {
      guard holds else { throw DataError.invalid("synthetic dataset: \(sentence)") }
    }
    try require((1...Int(Int32.max)).contains(count), "count must be from 1 to \(Int32.max), not \(count)")
    try require((1...65_536).contains(dimension), "dimension must be from 1 to 65536, not \(dimension)")
    try require((1...10_000_000).contains(queries), "queries must be from 1 to 10000000, not \(queries)")
    try require((1...count).contains(clusters), "clusters must be from 1 to count (\(count)), not \(clusters)")
    try require(
      (1...dimension).contains(intrinsicDimension),
      "intrinsic_dimension must be from 1 to dimension (\(dimension)), not \(intrinsicDimension)")
    try require((0...10).contains(noise), "noise must be from 0 to 10, not \(noise)")
  }
}
