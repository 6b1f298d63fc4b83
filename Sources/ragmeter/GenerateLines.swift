import Files
import Foundation
import Generation
import ModelFiles
import Synchronization

/// Prompts on standard input, one a line, all in the engine at once, answered in their order.
struct GenerateLines {
  let engine: Engine
  let sampling: SamplingParameters
  let output: ResultLines

  private struct Asked: Sendable {
    var id: TextRequest.Identifier?
    var place: String
    var events: AsyncThrowingStream<GenerationEvent, any Error>
  }

  /// - Returns: failure if a line could not be answered; it is named on standard error, and the rest go on.
  func run() throws -> ExitCode {
    let (asked, door) = AsyncStream.makeStream(of: Asked.self)
    let hasFailed = Flag()
    // The writer alone has it until it ends, and the caller waits for that before it commits.
    nonisolated(unsafe) let output = output
    let writer = Task { [sampling] in
      for await one in asked {
        do {
          var text = GeneratedText(choices: sampling.n)
          for try await event in one.events { text.take(event) }
          try output.write(text.lines(id: one.id))
        } catch let error as GenerationError {
          complain("\(GenerateVerb.name): \(one.place): \(error)")
          hasFailed.raise()
        }
      }
    }
    let reader = LineReader(descriptor: STDIN_FILENO, name: LineExchange.source)
    while let line = try reader.next() {
      if line.bytes.allSatisfy({ $0 == 0x20 || 0x09...0x0D ~= $0 }) { continue }
      let place = "\(LineExchange.source), line \(line.number)"
      do {
        let prompt = try PromptLine(line: line.bytes, number: line.number, source: LineExchange.source)
        if prompt.repairs > 0 {
          complain("\(GenerateVerb.name): \(place): \(prompt.repairs) broken byte sequences became U+FFFD")
        }
        let request = GenerationRequest(prompt: prompt.prompt, sampling: sampling)
        let events = try Waiting.run { [engine] in try await engine.generate(request) }
        door.yield(Asked(id: prompt.id, place: place, events: events))
      } catch let error as DataError {
        complain("\(GenerateVerb.name): \(error)")
        hasFailed.raise()
      } catch {
        complain("\(GenerateVerb.name): \(place): \(error)")
        hasFailed.raise()
      }
    }
    door.finish()
    try Waiting.run { try await writer.value }
    try output.commit()
    return hasFailed.isRaised ? .failure : .success
  }

  private final class Flag: Sendable {
    private let state = Atomic(false)
    var isRaised: Bool { state.load(ordering: .acquiring) }
    func raise() { state.store(true, ordering: .releasing) }
  }
}
