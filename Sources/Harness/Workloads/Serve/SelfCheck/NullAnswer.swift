internal import JSON

/// The bytes of the answers to requests of one form, prepared once: a null server is to cost nothing beside its client.
struct NullAnswer: Sendable {
  private let request: NullRequest
  /// One for each output, up to the usage.
  private let chunks: [[UInt8]]
  private let lastChunks: [[UInt8]]
  private let roles: [UInt8]
  private static let text = " null"

  init(_ request: NullRequest) {
    self.request = request
    chunks = (0..<request.outputs).map { Self.chunk(request, $0, isLast: false) }
    lastChunks = (0..<request.outputs).map { Self.chunk(request, $0, isLast: true) }
    roles = request.isChat && request.streams ? (0..<request.outputs).flatMap(Self.role) : []
  }

  private static func head(_ isChat: Bool, _ object: String) -> String {
    #"{"id":"\#(isChat ? "chatcmpl" : "cmpl")-null","object":"\#(object)","created":0,"model":"null","choices":["#
  }

  private static func chunk(_ request: NullRequest, _ index: Int, isLast: Bool) -> [UInt8] {
    let object = request.isChat ? "chat.completion.chunk" : "text_completion"
    let text = request.isChat ? #""delta":{"content":"\#(text)"}"# : #""text":"\#(text)""#
    let reason = isLast ? #""length""# : "null"
    let ids = request.tellsIDs ? "[0]" : "null"
    return Array(
      """
      data: \(head(request.isChat, object)){"index":\(index),\(text),"logprobs":null,"finish_reason":\(reason),\
      "stop_reason":null,"token_ids":\(ids)}]
      """.utf8)
  }

  private static func role(_ index: Int) -> [UInt8] {
    Array(
      """
      data: \(head(true, "chat.completion.chunk")){"index":\(index),"delta":{"role":"assistant","content":""},\
      "logprobs":null,"finish_reason":null}]}\n\n
      """.utf8)
  }

  /// Appends what is sent when every output has its next token.
  ///
  /// - Parameter number: of the token, counted from 1.
  func append(token number: Int, to output: inout [UInt8]) {
    if number == 1 { output += roles }
    let isLast = number == request.tokens
    for chunk in isLast ? lastChunks : chunks {
      output += chunk
      if request.continuousUsage { appendUsage(completion: number, to: &output) }
      output += "}\n\n".utf8
    }
    guard isLast else { return }
    if request.includesUsage {
      output +=
        #"data: \#(Self.head(request.isChat, request.isChat ? "chat.completion.chunk" : "text_completion"))]"#
        .utf8
      appendUsage(completion: request.tokens * request.outputs, to: &output)
      output += "}\n\n".utf8
    }
    output += "data: [DONE]\n\n".utf8
  }

  private func appendUsage(completion: Int, to output: inout [UInt8]) {
    output += #","usage":{"prompt_tokens":"#.utf8
    JSONText.append(request.promptTokens, to: &output)
    output += #","total_tokens":"#.utf8
    JSONText.append(request.promptTokens + completion, to: &output)
    output += #","completion_tokens":"#.utf8
    JSONText.append(completion, to: &output)
    output.append(UInt8(ascii: "}"))
  }

  /// The answer to a request without a stream.
  func whole() -> [UInt8] {
    let text = String(repeating: Self.text, count: request.tokens)
    let content = request.isChat ? #""message":{"role":"assistant","content":"\#(text)"}"# : #""text":"\#(text)""#
    let choices = (0..<request.outputs).map {
      #"{"index":\#($0),\#(content),"logprobs":null,"finish_reason":"length","stop_reason":null,"token_ids":null}"#
    }
    var output = Array(Self.head(request.isChat, request.isChat ? "chat.completion" : "text_completion").utf8)
    output += "\(choices.joined(separator: ","))]".utf8
    appendUsage(completion: request.tokens * request.outputs, to: &output)
    output.append(UInt8(ascii: "}"))
    return output
  }
}
