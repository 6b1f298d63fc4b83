/// Who waits, first come first: those who were preempted, and so came earlier than all others, stand in front again.
struct WaitingLine: Sendable {
  private var members: [Int32] = []
  /// Where the first stands in `members`.
  private var head = 0

  var count: Int { members.count - head }
  var first: Int32? { head < members.count ? members[head] : nil }

  mutating func append(_ member: Int32) { members.append(member) }

  mutating func prepend(_ member: Int32) {
    if head == 0 {
      let room = max(16, members.count)
      members.insert(contentsOf: repeatElement(-1, count: room), at: 0)
      head = room
    }
    head -= 1
    members[head] = member
  }

  mutating func removeFirst() {
    head += 1
    guard head == members.count || head > 1 << 16 else { return }
    members.removeSubrange(..<head)
    head = 0
  }

  /// - Complexity: O(`count`).
  mutating func remove(_ member: Int32) {
    guard let place = members[head...].firstIndex(of: member) else { return }
    members.remove(at: place)
  }

  subscript(place: Int) -> Int32 { members[head + place] }
}
