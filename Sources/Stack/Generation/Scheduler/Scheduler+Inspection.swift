/// How things stand, for whoever watches the scheduler or checks it.
extension Scheduler {
  /// Who runs and who waits, and what the memory holds: between two steps, after what has finished has left.
  ///
  /// Requests are counted by their unfinished outputs, under every policy, as vLLM counts them.
  public struct Occupancy: Sendable, Equatable {
    public var running = 0
    public var waiting = 0
    public var blocksUsed = 0
    /// Blocks with more than one reference.
    public var blocksShared = 0
    /// Blocks that would be needed besides if every table had its own.
    public var blocksSavedBySharing = 0
    /// Distinct slots that hold a token of an unfinished sequence.
    public var tokensStored = 0

    public init() {}
  }

  /// - Complexity: O(running).
  public var occupancy: Occupancy {
    var occupancy = Occupancy()
    occupancy.running = running.count { sequences[Int($0)].state != .finished }
    occupancy.waiting = unfinished - occupancy.running
    occupancy.blocksUsed = pool.usedCount
    occupancy.blocksShared = pool.sharedCount
    occupancy.blocksSavedBySharing = pool.savedCount
    occupancy.tokensStored = counting.tokensStored
    return occupancy
  }

  package struct Standing: Equatable {
    package enum State: Sendable {
      case waiting, running, forking, suspended, finished
    }

    package var choice: ChoiceID
    package var state: State
    /// Tokens in the cache, those of a planned step among them.
    package var computed: Int
    package var table: ArraySlice<Int32>
  }

  /// All choices of requests that are not over; finished ones may be among them.
  package func forEachStanding(_ body: (Standing) -> Void) {
    for group in groups {
      for member in group.members {
        let sequence = sequences[Int(member)]
        let state: Standing.State =
          switch sequence.state {
          case .waiting: .waiting
          case .active: .running
          case .forking: .forking
          case .suspended: .suspended
          case .finished: .finished
          }
        body(
          Standing(
            choice: sequence.id, state: state, computed: Int(sequence.computed),
            table: sequence.row < 0 ? [] : tables[sequence.row]))
      }
    }
  }

  /// Who waits, in order; the first unfinished choice stands for its request under `paged`.
  package var waitingOrder: [ChoiceID] {
    (0..<waiting.count).map { place in
      let member = Int(waiting[place])
      return isPaged ? ChoiceID(request: groups[member].id, index: 0) : sequences[member].id
    }
  }
}
