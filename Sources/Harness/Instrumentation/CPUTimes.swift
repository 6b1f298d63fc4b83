/// Ticks that processors spent since boot, as /proc/stat counts them.
struct CPUTimes {
  struct Ticks {
    var busy: UInt64
    var idle: UInt64
    var steal: UInt64

    var total: UInt64 { busy + idle + steal }
    var busyShare: Double? { total == 0 ? nil : Double(busy) / Double(total) }
    var stealShare: Double? { total == 0 ? nil : Double(steal) / Double(total) }

    /// What passed since an earlier reading; counters that ran backwards, as they may on some hosts, count as 0.
    func since(_ earlier: Ticks) -> Ticks {
      func passed(_ field: KeyPath<Ticks, UInt64>) -> UInt64 {
        self[keyPath: field] > earlier[keyPath: field] ? self[keyPath: field] - earlier[keyPath: field] : 0
      }
      return Ticks(busy: passed(\.busy), idle: passed(\.idle), steal: passed(\.steal))
    }
  }

  var total: Ticks
  /// Of each processor that is online, by number.
  var processors: [Int: Ticks] = [:]

  /// `nil` if /proc/stat cannot be read or has no line of the whole machine.
  init?(_ files: SystemFiles) {
    guard let text = files.text("proc/stat") else { return nil }
    var whole: Ticks?
    for line in text.split(separator: "\n") where line.hasPrefix("cpu") {
      let words = line.split(separator: " ")
      // user nice system idle iowait irq softirq steal; guest time is already in user time
      let ticks = words.dropFirst().prefix(8).compactMap { UInt64($0) }
      guard ticks.count == 8, ticks.allSatisfy({ $0 < 1 << 60 }) else { continue }
      let own = Ticks(
        busy: ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6], idle: ticks[3] + ticks[4],
        steal: ticks[7])
      if words[0] == "cpu" {
        whole = own
      } else if let number = Int(words[0].dropFirst(3)) {
        processors[number] = own
      }
    }
    guard let whole else { return nil }
    total = whole
  }
}
