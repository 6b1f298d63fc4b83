/// Requests as an adapter reads them: where each prompt and each request's outputs begin, then the prompts' tokens and the
/// outputs' lengths (PROTOCOL.md, "Request file").
enum RequestFile {
  /// - Throws: `AdapterError.system` if the file cannot be written.
  static func write(_ requests: GenerationRequests, to path: String) throws(AdapterError) {
    var head = ExchangeFile.header(
      "RMPROMPT", requests.outputs, requests.requests.count, requests.promptTokens)
    for counts in [requests.requests.map(\.prompt.count), requests.requests.map(\.outputLengths.count)] {
      var end = 0
      head.append(littleEndian: UInt64(0))
      for count in counts {
        end += count
        head.append(littleEndian: UInt64(end))
      }
    }
    let numbers = requests.requests.flatMap(\.prompt) + requests.requests.flatMap { $0.outputLengths.map(Int32.init) }
    try ExchangeFile.write(head, numbers, to: path)
  }
}

/// Token ids of all outputs (PROTOCOL.md, "Answer file").
struct AnswerFile: Equatable {
  /// Of the first output of the first request, then of its next, without gaps.
  var tokens: [Int32]

  /// Reads the answers to some requests.
  /// - Throws: `ResultFileError` naming what differs from what was asked.
  init(path: String, answering requests: GenerationRequests) throws(ResultFileError) {
    let file = try ExchangeFileReader(path: path, noun: "answer file")
    let (outputs, tokens) = (requests.outputs, requests.outputTokens)
    let expected = ExchangeFile.headerBytes + 4 * tokens
    guard file.size == expected else {
      throw ResultFileError(
        reason: "the answer file has \(file.size) bytes; \(tokens) tokens of \(outputs) outputs make \(expected)")
    }
    let fields = try file.header("RMANSWER")
    guard fields.version == adapterProtocolVersion, fields.first == outputs, fields.second == tokens else {
      throw ResultFileError(
        reason: "the answer file's header says version \(fields.version), \(fields.first) outputs, \(fields.second) "
          + "tokens; asked were version \(adapterProtocolVersion), \(outputs) outputs, \(tokens) tokens")
    }
    self.tokens = try file.read(Int32.self, tokens).map { Int32(littleEndian: $0) }
  }
}
