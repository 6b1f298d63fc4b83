/// One step of the engine: what an executor computes at once. Flat arrays, which one step leaves to the next.
public struct ScheduledStep: Sendable, Equatable {
  /// Tokens of one sequence that stand one behind the other.
  public struct Run: Sendable, Equatable {
    /// Whose tokens they are; the first unfinished choice for a prompt that is computed once for all.
    public var sequence: ChoiceID
    /// Tokens of the sequence whose keys and values are in the cache already: the position of the run's first token.
    public var start: Int
    /// Where the run's tokens stand in `tokens`.
    public var tokens: Range<Int>
    /// Where its block table stands in `tables`: blocks for positions 0 up to the run's last.
    public var table: Range<Int>
    /// Where in `samples` the choices stand whose next token follows the run's last; several where a prompt has just
    /// been computed for all of them, none in the middle of a prompt.
    public var samples: Range<Int>
    /// A finished or filled-up row of a static batch: computed like any other, and of no use.
    public var isPadding: Bool

    public init(
      sequence: ChoiceID, start: Int, tokens: Range<Int>, table: Range<Int>, samples: Range<Int>,
      isPadding: Bool = false
    ) {
      self.sequence = sequence
      self.start = start
      self.tokens = tokens
      self.table = table
      self.samples = samples
      self.isPadding = isPadding
    }
  }

  /// A block whose keys and values are copied, whole, before anything is computed.
  public struct Copy: Sendable, Hashable {
    public var from: Int32
    public var to: Int32

    public init(from: Int32, to: Int32) {
      self.from = from
      self.to = to
    }
  }

  public var copies: [Copy] = []
  /// Sequences of one request stand side by side, so that leading blocks that they share are equal in neighbouring
  /// tables.
  public var runs: [Run] = []
  public var tokens: [Int32] = []
  public var tables: [Int32] = []
  public var samples: [ChoiceID] = []

  public init() {}

  /// Makes room for the next step, keeping the memory.
  public mutating func clear() {
    copies.removeAll(keepingCapacity: true)
    runs.removeAll(keepingCapacity: true)
    tokens.removeAll(keepingCapacity: true)
    tables.removeAll(keepingCapacity: true)
    samples.removeAll(keepingCapacity: true)
  }
}
