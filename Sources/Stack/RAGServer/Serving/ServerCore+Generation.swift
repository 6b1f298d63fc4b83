internal import Generation
internal import MicroHTTP

/// What the engine does for OpenAI's clients; on the reading queue.
extension ServerCore {
  func generate(
    _ body: [UInt8], _ endpoint: GenerationCall.Endpoint, _ served: ServedEngine, _ number: Int, arrived: UInt64,
    _ reply: Reply
  ) {
    let (engine, model) = (served.engine, served.model)
    do throws(APIError) {
      let call = try body.reading { bytes throws(APIError) in
        try GenerationCall(body: bytes, endpoint: endpoint, model: model)
      }
      var prompts: [[Int32]] = []
      var requests: [GenerationRequest] = []
      for prompt in call.prompts {
        let ids = try refusing { try engine.tokens(of: prompt) }
        let sampling = try call.sampling(promptTokens: ids.count, in: model)
        prompts.append(ids)
        requests.append(GenerationRequest(prompt: .tokens(ids), sampling: sampling))
      }
      let id = (endpoint == .chat ? "chatcmpl-" : "cmpl-") + Self.randomDigits()
      let active = ActiveCall(
        call, model: model, prompts: prompts, sampling: requests.map(\.sampling), number: number, id: id,
        arrived: arrived, core: self, responder: reply.responder)
      registry.add(active)
      guard let ticket = try refusing({ try engine.submit(requests, to: active) }) else {
        registry.isOver()
        registry.closed(number: number)
        return turnAway(reply, .queue)
      }
      reply.responder.onClose { active.closed($0) }
      active.accept(ticket)
    } catch {
      registry.isOver()
      registry.closed(number: number)
      reply.refuse(error)
    }
  }

  func convert(_ body: [UInt8], _ route: Route, _ served: ServedEngine) throws(APIError) -> [UInt8] {
    let (engine, model) = (served.engine, served.model)
    return try body.reading { bytes throws(APIError) in
      guard route == .tokenize else { return try DetokenizeCall(body: bytes, model: model).answer(model: model) }
      let call = try TokenizeCall(body: bytes, model: model)
      let ids = try refusing {
        try engine.tokens(
          of: call.prompt, addSpecialTokens: call.addsSpecialTokens, addGenerationPrompt: call.addsGenerationPrompt)
      }
      return call.answer(ids, model: model)
    }
  }

  /// What the engine says to a request that it cannot serve.
  private func refusing<Result>(_ body: () throws -> Result) throws(APIError) -> Result {
    do { return try body() } catch { throw .refused(GenerationError("\(error)")) }
  }

  static func randomDigits() -> String {
    let digits = String(UInt64.random(in: 0 ... .max), radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }
}
