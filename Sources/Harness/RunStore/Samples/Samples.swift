/// One series of a pass: a value for each query, call or batch.
public enum Samples: Sendable, Equatable {
  /// Nanoseconds, counts.
  case uint64([UInt64])
  /// Row ids, −1 where there is none.
  case int64([Int64])
  /// Recall of each query.
  case float([Float])
  case double([Double])

  public var count: Int {
    switch self {
    case .uint64(let values): values.count
    case .int64(let values): values.count
    case .float(let values): values.count
    case .double(let values): values.count
    }
  }
}

/// What one pass over the queries left: series by name.
public struct PassRecord: Sendable, Equatable {
  public var number: Int
  public var samples: [String: Samples]

  public init(number: Int, samples: [String: Samples]) {
    self.number = number
    self.samples = samples
  }
}
