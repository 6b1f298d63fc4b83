/// Computes the steps that the scheduler plans, or says what they would cost.
///
/// An executor owns the keys and values of `blockCount` blocks and knows nothing of requests. It belongs to one caller at a
/// time.
public protocol ModelExecutor: AnyObject {
  /// Runs a step: first its copies, then its tokens, whose keys and values go where the block tables say.
  ///
  /// - Throws: `GenerationError` if the step cannot be run; the cache is then as it was or half written, and the engine
  ///   computes what it held anew.
  func execute(_ step: ScheduledStep) throws -> ExecutedStep
}

/// What came of a step.
public struct ExecutedStep {
  /// One row for each run that has samples, in their order; nil where nothing is really computed (a simulation), so that
  /// outputs end by their lengths alone.
  public var logits: LogitRows?
  /// Seconds that the step took by the executor's own clock; nil where it has none and the caller's clock counts.
  public var seconds: Double?

  public init(logits: LogitRows? = nil, seconds: Double? = nil) {
    self.logits = logits
    self.seconds = seconds
  }
}

/// Logits that an executor lends until its next step.
public struct LogitRows {
  /// `rows × stride`, row-major, of which the first `vocabularySize` of each row count. May be changed in place.
  public let values: UnsafeMutableBufferPointer<Float>
  public let rows: Int
  public let stride: Int
  public let vocabularySize: Int

  public init(values: UnsafeMutableBufferPointer<Float>, rows: Int, stride: Int, vocabularySize: Int) {
    self.values = values
    self.rows = rows
    self.stride = stride
    self.vocabularySize = vocabularySize
  }

  public subscript(row: Int) -> UnsafeMutableBufferPointer<Float> {
    UnsafeMutableBufferPointer(rebasing: values[row * stride..<row * stride + vocabularySize])
  }
}
