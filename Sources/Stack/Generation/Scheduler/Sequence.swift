extension Scheduler {
  /// An output in the making: its place in the memory and what is known of it. Plain numbers, so that thousands of steps a
  /// second need no reference counting.
  struct Sequence: Sendable {
    enum State: UInt8, Sendable {
      /// In the waiting line, for the first time or after a preemption.
      case waiting
      /// In the steps.
      case active
      /// Let in, and waiting until the prompt has been computed for all choices of its request.
      case forking
      /// Out of memory beside the other choices of its request, although nobody else runs: waits until they are done.
      case suspended
      case finished
    }

    var id: ChoiceID
    var group: Int32
    var state = State.waiting
    /// Whether the last block of its table may be another choice's too, although it is not full: the tail of a prompt
    /// that was computed for all.
    var hasSharedTail = false
    /// Whether it computes the prompt for the other choices too, which are forking.
    var computesForAll = false
    var endsByScript = false
    var hasStopTokens: Bool
    /// Where its blocks stand in `tables` and its outputs in `outputs`; -1 before it is let in for the first time.
    var row: Int32 = -1
    /// Tokens whose keys and values are in the cache when the planned step is done.
    var computed: Int32 = 0
    /// Tokens of the prompt and of the output so far.
    var known: Int32
    /// How many of them are to be computed before something else happens: all, or the prompt for all choices.
    var target: Int32
    /// Slots of its table.
    var capacity: Int32 = 0
    /// The count of computed tokens at which the next block is full.
    var boundary: Int32 = 0
    /// The count of known tokens at which it ends, and the one at which it ends as far as reservations know.
    var end: Int32
    var longest: Int32
    /// From this count of known tokens on stop tokens end it.
    var stopsFrom: Int32
    var lastToken: Int32 = 0
    /// In a static batch, positions written, padding included, and tokens that were known when the batch was made.
    var cursor: Int32 = 0
    var rowPrompt: Int32 = 0
    /// Steps planned before its last block, or its range of blocks, was given to it.
    var reservedAt: Int = 0
  }

  /// A request with its choices.
  struct Group: Sendable {
    var id: Int
    var prompt: [Int32]
    var stopTokens: [Int32]
    /// Sequences of its choices, in order.
    var members: [Int32]
    var unfinished: Int
    var isWaiting = true
    var cachedTokens: Int?
  }
}
