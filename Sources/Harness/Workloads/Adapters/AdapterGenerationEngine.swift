internal import Foundation

/// A language model in another process, spoken to as Benchmarks/adapters/PROTOCOL.md says.
package final class AdapterGenerationEngine: GenerationEngine {
  /// Name and version as the engine itself tells them; nil before the model is loaded.
  package var version: String? { session.version }

  private let session: AdapterSession
  private let model: String
  private let parameters: [String: String]
  private let folder: AdapterFolder

  /// - Parameters:
  ///   - name: by which tables and failures call it.
  ///   - command: the program and its arguments, as `AdapterCatalogue.command` finds them.
  ///   - model: the model's folder.
  ///   - parameters: how the model runs, by the adapter's own names.
  ///   - environment: added to, and winning over, this process's own.
  ///   - folder: where requests and answers are exchanged; share one between all engines of a run.
  package init(
    name: String, command: [String], model: String, parameters: [String: String], environment: [String: String] = [:],
    timeouts: AdapterTimeouts = AdapterTimeouts(), folder: AdapterFolder
  ) {
    session = AdapterSession(name: name, command: command, environment: environment, timeouts: timeouts)
    self.model = model
    self.parameters = parameters
    self.folder = folder
  }

  /// - Throws: `AdapterError`.
  package func load(threads: Int, for setting: GenerationSetting) throws -> Double? {
    try session.open(model: model, threads: threads, parameters: parameters)
  }

  package func privateBytes() throws -> Int? { try session.privateBytes() }

  /// - Throws: `AdapterError`.
  package func generate(_ requests: GenerationRequests, _ setting: GenerationSetting) throws -> GenerationPass {
    let answers = folder.newResults()
    defer { try? FileManager.default.removeItem(atPath: answers) }
    let request = AdapterRequest.generate(
      requests: try folder.file(of: requests), answers: answers, temperature: setting.temperature, seed: setting.seed)
    let (reply, wall) = try session.ask(request, as: GenerateReply.self)
    do {
      let file = try AnswerFile(path: answers, answering: requests)
      if let token = file.tokens.first(where: { $0 < 0 }) {
        throw ResultFileError(reason: "the answers hold the token \(token)")
      }
    } catch let error as ResultFileError {
      throw session.nonsense(error.reason, operation: request.operation)
    }
    let phases = try checked(reply, requests, operation: request.operation, wall: wall)
    return GenerationPass(
      seconds: reply.seconds, prefill: phases?.prefill, decode: phases?.decode,
      generatedTokens: reply.generatedTokens)
  }

  package func close() { session.close() }

  /// Refuses times that do not fit into the request, more tokens than there are, and fewer than were asked for.
  private func checked(
    _ reply: GenerateReply, _ requests: GenerationRequests, operation: String, wall: Double
  ) throws -> (prefill: GenerationPass.Phase, decode: GenerationPass.Phase)? {
    guard reply.seconds.isFinite, reply.seconds > 0, reply.seconds <= wall + AdapterSession.slack else {
      throw session.nonsense("seconds is \(reply.seconds); the whole request took \(wall) s", operation: operation)
    }
    if let generated = reply.generatedTokens, generated < requests.outputTokens {
      throw session.nonsense(
        "generated_tokens is \(generated), fewer than the \(requests.outputTokens) of the outputs", operation: operation
      )
    }
    let figures = [
      reply.prefillSeconds, reply.decodeSeconds, reply.prefillTokens.map(Double.init),
      reply.decodeTokens.map(Double.init),
    ]
    if figures.allSatisfy({ $0 == nil }) { return nil }
    guard let prefillSeconds = reply.prefillSeconds, let prefillTokens = reply.prefillTokens,
      let decodeSeconds = reply.decodeSeconds, let decodeTokens = reply.decodeTokens
    else {
      throw session.nonsense("it tells some figures of prefill and decode and not all four", operation: operation)
    }
    guard [prefillSeconds, decodeSeconds].allSatisfy({ $0.isFinite && $0 >= 0 }),
      prefillSeconds + decodeSeconds <= reply.seconds + AdapterSession.slack
    else {
      throw session.nonsense(
        "prefill_seconds and decode_seconds are \(prefillSeconds) and \(decodeSeconds); the pass took \(reply.seconds) s",
        operation: operation)
    }
    let prompts = requests.requests.reduce(0) { $0 + $1.prompt.count * $1.outputLengths.count }
    for (field, tokens, most) in [
      ("prefill_tokens", prefillTokens, prompts), ("decode_tokens", decodeTokens, requests.outputTokens),
    ] where !(0...most).contains(tokens) {
      throw session.nonsense("\(field) is \(tokens); there are \(most)", operation: operation)
    }
    return (
      GenerationPass.Phase(tokens: prefillTokens, seconds: prefillSeconds),
      GenerationPass.Phase(tokens: decodeTokens, seconds: decodeSeconds)
    )
  }
}
