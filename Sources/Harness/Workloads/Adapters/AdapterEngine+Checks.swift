extension AdapterEngine {
  /// Refuses times that are not finite, are negative, or are longer than the harness waited.
  func check(_ reply: BuildReply, operation: String, batches: Int, wall: Double) throws {
    let times = [
      ("train_seconds", reply.trainSeconds), ("add_seconds", reply.addSeconds),
      ("optimize_seconds", reply.optimizeSeconds),
    ]
    for (field, seconds) in times + reply.batchSeconds.map({ ("batch_seconds", $0) }) {
      guard seconds.isFinite, seconds >= 0, seconds <= wall + AdapterSession.slack else {
        throw session.nonsense("\(field) is \(seconds); the whole request took \(wall) s", operation: operation)
      }
    }
    let sum = times.reduce(0) { $0 + $1.1 }
    guard sum <= wall + AdapterSession.slack else {
      throw session.nonsense("its parts take \(sum) s; the whole request took \(wall) s", operation: operation)
    }
    guard (1...max(1, batches)).contains(reply.batchSeconds.count) else {
      throw session.nonsense(
        "batch_seconds has \(reply.batchSeconds.count) values for \(batches) batches", operation: operation)
    }
    let added = reply.batchSeconds.reduce(0, +)
    guard added <= reply.addSeconds + AdapterSession.slack else {
      throw session.nonsense(
        "batch_seconds add up to \(added), add_seconds is \(reply.addSeconds)", operation: operation)
    }
  }

  /// Refuses rows that the base set does not have, and latencies that cannot fit into the pass.
  func check(
    _ reply: SearchReply, _ file: ResultFile, operation: String, pass: SearchPassRequest, baseCount: Int, wall: Double
  ) throws {
    guard reply.seconds.isFinite, reply.seconds > 0 || file.latencies.isEmpty,
      reply.seconds <= wall + AdapterSession.slack
    else {
      throw session.nonsense("seconds is \(reply.seconds); the whole request took \(wall) s", operation: operation)
    }
    if let index = file.ids.firstIndex(where: { $0 < -1 || $0 >= baseCount }) {
      throw session.nonsense(
        "id \(file.ids[index]) for query \(index / pass.k); the base set has rows 0 to \(baseCount - 1)",
        operation: operation)
    }
    if let call = file.latencies.firstIndex(of: 0) {
      throw session.nonsense("call \(call) took 0 ns", operation: operation)
    }
    // Callers run side by side in single mode only; a batch call may use every thread but is one call.
    let callers = pass.mode == .single ? pass.threads : 1
    let limit = (reply.seconds + AdapterSession.slack) * Double(callers)
    let sum = file.latencies.reduce(0.0) { $0 + Double($1) } / 1e9
    guard sum <= limit else {
      throw session.nonsense(
        "latencies add up to \(sum) s; \(callers) callers had \(reply.seconds) s each", operation: operation)
    }
    for (field, value) in [("distances", reply.distances), ("visited", reply.visited)] {
      if let value, value < 0 { throw session.nonsense("\(field) is \(value)", operation: operation) }
    }
  }
}
