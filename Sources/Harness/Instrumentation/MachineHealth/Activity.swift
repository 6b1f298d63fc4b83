/// What processors and processes have done up to one moment.
struct Activity {
  struct Process {
    var name: String
    /// Ticks in user and kernel code.
    var ticks: UInt64
  }

  var times: CPUTimes?
  var processes: [Int: Process] = [:]

  init(_ files: SystemFiles) {
    times = CPUTimes(files)
    for folder in files.names(in: "proc") {
      guard let id = Int(folder), let text = files.text("proc/\(folder)/stat"),
        // The name, in brackets, may hold anything, brackets and spaces too.
        let open = text.firstIndex(of: "("), let close = text.lastIndex(of: ")"), open < close
      else { continue }
      let words = text[text.index(after: close)...].split(separator: " ")
      guard words.count > 12, let user = UInt64(words[11]), let system = UInt64(words[12]) else { continue }
      processes[id] = Process(name: String(text[text.index(after: open)..<close]), ticks: user &+ system)
    }
  }

  /// Processes that worked since `earlier`, the busiest first, with their ticks.
  func workers(since earlier: Activity) -> [(id: Int, name: String, ticks: UInt64)] {
    processes.compactMap { id, process in
      let past = earlier.processes[id]?.ticks ?? 0
      return process.ticks > past ? (id, process.name, process.ticks - past) : nil
    }.sorted { ($1.ticks, $0.id) < ($0.ticks, $1.id) }
  }
}
