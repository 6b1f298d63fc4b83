/// Requests under way and tokens that came, by ticks that double whenever a run outlasts them: in constant memory, and
/// whatever order the events are told in.
struct LoadTimeline: Sendable {
  private struct Cell {
    var begun = 0
    var ended = 0
    var tokens = 0
  }

  /// Nanoseconds.
  private(set) var tick: UInt64
  private let most: Int
  private var cells: [Cell] = []

  /// - Parameter most: cells that are kept; even.
  init(tick: UInt64 = 50_000_000, most: Int = 2048) {
    self.tick = tick
    self.most = most
  }

  /// Times are nanoseconds from the beginning.
  mutating func begin(_ time: UInt64) { cells[place(time)].begun += 1 }
  mutating func end(_ time: UInt64) { cells[place(time)].ended += 1 }
  mutating func tokens(_ count: Int, _ time: UInt64) { cells[place(time)].tokens += count }

  private mutating func place(_ time: UInt64) -> Int {
    while time / tick >= UInt64(most) {
      cells = stride(from: 0, to: cells.count, by: 2).map { first in
        var cell = cells[first]
        guard first + 1 < cells.count else { return cell }
        cell.begun += cells[first + 1].begun
        cell.ended += cells[first + 1].ended
        cell.tokens += cells[first + 1].tokens
        return cell
      }
      tick *= 2
    }
    let place = Int(time / tick)
    while cells.count <= place { cells.append(Cell()) }
    return place
  }

  /// As it stood at the end of each tick.
  var moments: [LoadResult.Moment] {
    var (inFlight, tokens) = (0, 0)
    return cells.enumerated().map { number, cell in
      inFlight += cell.begun - cell.ended
      tokens += cell.tokens
      return LoadResult.Moment(time: (UInt64(number) + 1) * tick, inFlight: inFlight, tokens: tokens)
    }
  }
}
