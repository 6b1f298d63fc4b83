internal import Generation
internal import JSON
internal import ModelFiles

/// The body of a request to a server, by what it takes.
package struct RequestBody {
  package let bytes: [UInt8]
  /// Parameters that were asked for and that the server does not take, by OpenAI's or vLLM's names.
  package let omitted: [String]

  /// - Throws: `ClientError` for a prompt that the endpoint does not take.
  package init(
    _ request: ClientRequest, server: ServerProfile, model: String?, streams: Bool
  ) throws(ClientError) {
    var writer = RequestWriter(quirks: server.quirks)
    if let model { writer.add("model", model) }
    try writer.addPrompt(request, server: server)
    writer.addSampling(request.sampling, endpoint: request.endpoint)
    if streams { writer.addStream() }
    if let name = server.quirks.tokenIDs { writer.add(name, true) }
    bytes = writer.finished()
    omitted = writer.omitted
  }
}

/// Writes a JSON object member by member.
struct RequestWriter {
  let quirks: ServerQuirks
  private(set) var omitted: [String] = []
  private var bytes: [UInt8] = [UInt8(ascii: "{")]

  init(quirks: ServerQuirks) { self.quirks = quirks }

  func finished() -> [UInt8] { bytes + [UInt8(ascii: "}")] }

  private mutating func begin(_ name: String) {
    if bytes.count > 1 { bytes.append(UInt8(ascii: ",")) }
    bytes.append(UInt8(ascii: "\""))
    bytes += name.utf8
    bytes += "\":".utf8
  }

  mutating func add(_ name: String, _ value: String) {
    begin(name)
    JSONText.append(value, to: &bytes)
  }

  mutating func add(_ name: String, _ value: Bool) {
    begin(name)
    bytes += (value ? "true" : "false").utf8
  }

  mutating func add(_ name: String, _ value: some BinaryInteger) {
    begin(name)
    bytes += String(value).utf8
  }

  /// The shortest digits that read back as the same.
  mutating func add(_ name: String, _ value: Float) {
    begin(name)
    bytes += (value.rounded() == value && abs(value) < 1e6 ? String(Int(value)) : String(value)).utf8
  }

  mutating func add(_ name: String, _ values: [Int32]) {
    begin(name)
    JSONText.append(values, to: &bytes)
  }

  mutating func add(_ name: String, _ values: [String]) {
    begin(name)
    bytes.append(UInt8(ascii: "["))
    for (index, value) in values.enumerated() {
      if index > 0 { bytes.append(UInt8(ascii: ",")) }
      JSONText.append(value, to: &bytes)
    }
    bytes.append(UInt8(ascii: "]"))
  }

  /// A parameter by the server's name for it, if it has one.
  private mutating func add(
    _ parameter: ServerQuirks.Parameter, _ write: (inout RequestWriter, _ name: String) -> Void
  ) {
    guard let name = quirks.parameters[parameter] else { return omitted.append(parameter.rawValue) }
    write(&self, name)
  }

  mutating func addPrompt(_ request: ClientRequest, server: ServerProfile) throws(ClientError) {
    switch (request.prompt, request.endpoint) {
    case (.text(let text), .completions): add("prompt", text)
    case (.tokens(let tokens), .completions):
      guard quirks.takesTokens else {
        throw ClientError("\(server.name) takes no prompt of token ids; give it the text")
      }
      add("prompt", tokens)
    case (.text(let text), .chat): addMessages([("user", text)])
    case (.messages(let messages), .chat): addMessages(messages.map { ($0.role, $0.content) })
    case (.messages, .completions):
      throw ClientError("a prompt of messages goes to chat, not to completions")
    case (.tokens, .chat): throw ClientError("a prompt of token ids goes to completions, not to chat")
    }
  }

  private mutating func addMessages(_ messages: [(role: String, content: String)]) {
    begin("messages")
    bytes.append(UInt8(ascii: "["))
    for (index, message) in messages.enumerated() {
      bytes += "\(index > 0 ? "," : ""){\"role\":".utf8
      JSONText.append(message.role, to: &bytes)
      bytes += ",\"content\":".utf8
      JSONText.append(message.content, to: &bytes)
      bytes.append(UInt8(ascii: "}"))
    }
    bytes.append(UInt8(ascii: "]"))
  }

  mutating func addStream() {
    add("stream", true)
    guard quirks.usage != .unasked else { return }
    begin("stream_options")
    bytes += "{\"include_usage\":true".utf8
    if quirks.usage == .continuous { bytes += ",\"continuous_usage_stats\":true".utf8 }
    bytes.append(UInt8(ascii: "}"))
  }

  mutating func addSampling(_ sampling: SamplingParameters, endpoint: ClientRequest.Endpoint) {
    let standard = SamplingParameters()
    if let limit = sampling.maxTokens { add(endpoint == .chat ? quirks.chatLimit : "max_tokens", limit) }
    add("temperature", sampling.temperature)
    if sampling.topP != standard.topP { add("top_p", sampling.topP) }
    if sampling.n != 1 { add(.n) { $0.add($1, sampling.n) } }
    if let best = sampling.bestOf, best > sampling.n { add(.bestOf) { $0.add($1, best) } }
    if let seed = sampling.seed { add(.seed) { $0.add($1, seed) } }
    if sampling.topK > 0 { add(.topK) { $0.add($1, sampling.topK) } }
    if sampling.minP > 0 { add(.minP) { $0.add($1, sampling.minP) } }
    if sampling.repetitionPenalty != 1 { add(.repetitionPenalty) { $0.add($1, sampling.repetitionPenalty) } }
    if sampling.presencePenalty != 0 { add(.presencePenalty) { $0.add($1, sampling.presencePenalty) } }
    if sampling.frequencyPenalty != 0 { add(.frequencyPenalty) { $0.add($1, sampling.frequencyPenalty) } }
    if !sampling.logitBias.isEmpty { add(.logitBias) { $0.addBias($1, sampling.logitBias) } }
    if let count = sampling.logprobs { add(.logprobs) { $0.addLogprobs($1, count, endpoint) } }
    if sampling.minTokens > 0 { add(.minTokens) { $0.add($1, sampling.minTokens) } }
    if sampling.ignoreEOS { add(.ignoreEOS) { $0.add($1, true) } }
    if !sampling.stopStrings.isEmpty { add("stop", sampling.stopStrings) }
    if !sampling.stopTokens.isEmpty { add(.stopTokens) { $0.add($1, sampling.stopTokens) } }
  }

  private mutating func addBias(_ name: String, _ bias: [Int32: Float]) {
    begin(name)
    let members = bias.sorted { $0.key < $1.key }.map { "\"\($0.key)\":\($0.value)" }
    bytes += "{\(members.joined(separator: ","))}".utf8
  }

  /// Completions take a number, chats a flag and a number.
  private mutating func addLogprobs(_ name: String, _ count: Int, _ endpoint: ClientRequest.Endpoint) {
    guard endpoint == .chat else { return add(name, count) }
    add(name, true)
    if count > 0 { add("top_logprobs", count) }
  }
}
