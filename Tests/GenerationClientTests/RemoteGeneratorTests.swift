import Generation
import GenerationClient
import TestFixtures
import Testing

@Suite struct RemoteGeneratorTests {
  static func generator(_ server: FaultServer) throws -> RemoteGenerator {
    try RemoteGenerator(server: ServerProfile(url: server.url, preset: "vllm"), model: "m", key: nil)
  }

  static let request: GenerationRequest = {
    var sampling = SamplingParameters()
    sampling.n = 2
    return GenerationRequest(prompt: .text("Once"), sampling: sampling)
  }()

  @Test func tellsWhatTheServerWrites() async throws {
    let server = try FaultServer { _, _ in
      Chunk.stream([
        Chunk.text("a", index: 0, ids: [1]), Chunk.text("bc", index: 1, ids: [2, 3]),
        Chunk.text("d", index: 1, ids: [4], finish: "stop"), Chunk.text("", index: 0, ids: [], finish: "length"),
        Chunk.end(7, 4),
      ])
    }
    let generator = try Self.generator(server)
    var events: [GenerationEvent] = []
    for try await event in try await generator.generate(Self.request) { events.append(event) }
    #expect(
      events == [
        .tokens(choice: 0, ids: [1], text: "a", logprobs: []),
        .tokens(choice: 1, ids: [2, 3], text: "bc", logprobs: []),
        .tokens(choice: 1, ids: [4], text: "d", logprobs: []), .finished(choice: 1, reason: .stop),
        .finished(choice: 0, reason: .length), .usage(promptTokens: 7, completionTokens: 4, cachedTokens: 0),
      ])
    #expect(generator.model == "m")
  }

  @Test func passesFailuresOn() async throws {
    let server = try FaultServer { _, _ in [.answer(status: 400, #"{"error":{"message":"too long"}}"#)] }
    let generator = try Self.generator(server)
    await #expect(throws: GenerationError("HTTP status 400: too long")) {
      for try await _ in try await generator.generate(Self.request) {}
    }
    var none = Self.request
    none.sampling.n = 0
    await #expect(throws: GenerationError("n is 0; ask for one output at least")) { try await generator.generate(none) }
  }

  /// A reader that goes away ends the request, which the server sees; others go on.
  @Test func cancelsWhatNobodyReads() async throws {
    let server = try FaultServer { _, number in
      number == 0 ? [.streamHead, .event(Chunk.text("a", index: 0, ids: [1])), .stall, .close] : Chunk.good
    }
    let generator = try Self.generator(server)
    for try await _ in try await generator.generate(Self.request) { break }
    var one = Self.request
    one.sampling.n = 1
    var tokens = 0
    for try await event in try await generator.generate(one) {
      if case .tokens(_, let ids, _, _) = event { tokens += ids.count }
    }
    #expect(tokens == 3)
  }
}
