import Dispatch
import Files
import Foundation
import RAGPipeline
import Synchronization
import VectorStores

/// Questions on standard input, one a line, several under way at once, answered in their order.
struct AskLines {
  let pipeline: RAGPipeline
  let output: ResultLines

  private struct Asked: Sendable {
    var id: FieldValue
    var place: String
    var answer: Task<RAGAnswer, any Error>
  }

  /// Enough to fill the generator's batches, and few enough that input of any length fits.
  private static let window = 32

  /// - Returns: failure if a line could not be answered; it is named on standard error, and the rest go on.
  func run() throws -> ExitCode {
    let (asked, door) = AsyncStream.makeStream(of: Asked.self)
    // The writer alone has it until it ends, and the caller waits for that before it commits.
    nonisolated(unsafe) let output = output
    let writer = Task {
      var code = ExitCode.success
      for await one in asked {
        do {
          let answer = try await one.answer.value
          try output.write(Array("\(answer.json(id: one.id))\n".utf8))
        } catch {
          complain("\(AskVerb.name): \(one.place): \(error)")
          code = .failure
        }
      }
      return code
    }
    let places = DispatchSemaphore(value: Self.window)
    var code = ExitCode.success
    let reader = LineReader(descriptor: STDIN_FILENO, name: LineExchange.source)
    while let line = try reader.next() {
      if line.bytes.allSatisfy({ $0 == 0x20 || 0x09...0x0D ~= $0 }) { continue }
      do {
        let question = try QuestionLine(line: line.bytes, number: line.number, source: LineExchange.source)
        places.wait()
        let answer = Task { [pipeline] in
          defer { places.signal() }
          return try await pipeline.answer(question.question)
        }
        door.yield(Asked(id: question.id, place: "\(LineExchange.source), line \(line.number)", answer: answer))
      } catch let error as DataError {
        complain("\(AskVerb.name): \(error)")
        code = .failure
      }
    }
    door.finish()
    let written = try Waiting.run { await writer.value }
    try output.commit()
    return code == .success ? written : code
  }
}
