/// What adapters of every kind of model are asked.
extension AdapterSession {
  /// Slack for what an adapter rounds or what two clocks differ in, in seconds.
  static let slack = 1e-3

  /// Starts the process and has it load a model.
  ///
  /// - Parameters:
  ///   - model: the model's folder.
  ///   - parameters: how the model runs, by the adapter's own names.
  /// - Returns: seconds that loading took, by the adapter's clock.
  /// - Throws: `AdapterError`.
  func open(model: String, threads: Int, parameters: [String: String]) throws -> Double {
    try start()
    let request = AdapterRequest.open(model: model, threads: threads, parameters: parameters)
    let (reply, wall) = try ask(request, as: OpenReply.self)
    guard reply.loadSeconds.isFinite, reply.loadSeconds >= 0, reply.loadSeconds <= wall + Self.slack else {
      throw nonsense(
        "load_seconds is \(reply.loadSeconds); the whole request took \(wall) s", operation: request.operation)
    }
    return reply.loadSeconds
  }

  /// Private memory of the process, which is started if need be.
  ///
  /// - Throws: `AdapterError`.
  func privateBytes() throws -> Int? {
    try start()
    return try ask(.stats, as: StatsReply.self).answer.privateBytes
  }
}
