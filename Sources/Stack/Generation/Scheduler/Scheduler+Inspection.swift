/// How things stand, for whoever checks the scheduler.
extension Scheduler {
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
