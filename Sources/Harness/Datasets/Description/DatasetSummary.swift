/// What a dataset's vectors are like, from reading them all.
public struct DatasetSummary: Sendable, Equatable, Encodable {
  /// Least, mean and greatest.
  public struct Range: Sendable, Equatable, Encodable {
    public var min: Double
    public var mean: Double
    public var max: Double

    public init(min: Double, mean: Double, max: Double) {
      self.min = min
      self.mean = mean
      self.max = max
    }
  }

  public var name: String
  public var metric: DatasetMetric
  public var dimension: Int
  public var base: Int
  public var queries: Int
  public var contentHash: String
  /// Of the components of base vectors.
  public var values: Range
  /// Euclidean lengths of base vectors.
  public var norms: Range
  /// Whether every component of the base set is a whole number from 0 to 255, which bytes hold exactly.
  public var holdsBytes: Bool
  /// Base rows that repeat an earlier row, bit for bit.
  public var duplicates: Int
  /// By Levina and Bickel's estimate on a sample; `nil` where the set is too small or too often repeated to tell.
  public var intrinsicDimension: Double?

  enum CodingKeys: String, CodingKey {
    case name, metric, dimension, base, queries
    case contentHash = "content_hash"
    case values, norms
    case holdsBytes = "holds_bytes"
    case duplicates
    case intrinsicDimension = "intrinsic_dimension"
  }

  /// - Complexity: linear in the vectors, and a sample of 50 queries against 100 000 rows.
  public init(of dataset: VectorDataset) {
    let base = dataset.base
    name = dataset.name
    metric = dataset.metric
    dimension = base.dimension
    self.base = base.count
    queries = dataset.queries.count
    contentHash = dataset.contentHash
    values = Range(base.values.lazy.map { Double($0) }, count: base.values.count)
    holdsBytes = base.values.allSatisfy { $0 >= 0 && $0 <= 255 && $0 == $0.rounded() }
    norms = Range(
      (0..<base.count).lazy.map { row in
        base.values.withUnsafeBufferPointer { values in
          var square = 0.0
          for index in row * base.dimension..<(row + 1) * base.dimension {
            square += Double(values[index]) * Double(values[index])
          }
          return square.squareRoot()
        }
      }, count: base.count)
    duplicates = base.duplicateRows
    // The sample decides no more than the first decimal.
    intrinsicDimension = IntrinsicDimension.estimate(of: dataset).map { ($0 * 10).rounded() / 10 }
  }
}

extension DatasetSummary.Range {
  fileprivate init(_ numbers: some Sequence<Double>, count: Int) {
    var (least, sum, greatest) = (Double.infinity, 0.0, -Double.infinity)
    for number in numbers {
      least = Swift.min(least, number)
      greatest = Swift.max(greatest, number)
      sum += number
    }
    self.init(min: least, mean: sum / Double(count), max: greatest)
  }
}

extension VectorSet {
  /// Rows equal to an earlier one, found by hash and then compared.
  fileprivate var duplicateRows: Int {
    var firsts: [UInt64: [Int]] = [:]
    firsts.reserveCapacity(count)
    var duplicates = 0
    values.withUnsafeBufferPointer { values in
      for row in 0..<count {
        let own = values[row * dimension..<(row + 1) * dimension]
        // FNV-1a, over whole components.
        let hash = own.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1.bitPattern)) &* 0x100_0000_01b3 }
        let same = firsts[hash, default: []]
        if same.contains(where: { values[$0 * dimension..<($0 + 1) * dimension].elementsEqual(own) }) {
          duplicates += 1
        } else {
          firsts[hash, default: []].append(row)
        }
      }
    }
    return duplicates
  }
}
