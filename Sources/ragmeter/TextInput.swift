import Files
import Foundation
import ModelFiles

/// What the verbs `tokenize` and `embed` are asked about: JSON lines on standard input, or operands.
enum TextInput {
  /// Calls `answer` with slices of requests, in their order. A slice of JSON lines holds what has arrived, so that neither a
  /// script that waits for each answer nor a stream of any length has to wait for the end.
  ///
  /// - Returns: failure if a line could not be read; it is named on standard error, and the rest go on.
  static func forEachSlice(
    _ verb: String, _ arguments: Arguments, most: Int = 1024, answer: ([TextRequest]) throws -> Void
  ) throws -> ExitCode {
    if arguments.has("--jsonl") {
      if let operand = arguments.operands.first {
        throw UsageError("--jsonl reads standard input; leave out '\(operand)' or --jsonl")
      }
      return try lines(verb, most: most, answer: answer)
    }
    guard !arguments.operands.isEmpty else {
      throw UsageError("needs a text, a file or '-', or --jsonl for JSON lines on standard input")
    }
    for (index, operand) in arguments.operands.enumerated() {
      let request = try request(operand, number: index + 1)
      if request.repairs > 0 { complain("\(verb): \(operand): \(repaired(request.repairs))") }
      try answer([request])
    }
    return .success
  }

  /// A file's text where there is such a file, standard input for '-', and else the operand itself.
  private static func request(_ operand: String, number: Int) throws -> TextRequest {
    if operand == "-" {
      return FileHandle.standardInput.readDataToEndOfFile().withUnsafeBytes { TextRequest(id: .text("-"), bytes: $0) }
    }
    guard FileManager.default.fileExists(atPath: operand) else {
      return TextRequest(id: .number(number), text: operand)
    }
    let file = try FileBytes(path: operand, allowingEmpty: true)
    return withExtendedLifetime(file) { TextRequest(id: .text(operand), bytes: file.bytes) }
  }

  private static func lines(_ verb: String, most: Int, answer: ([TextRequest]) throws -> Void) throws -> ExitCode {
    let reader = LineReader(descriptor: STDIN_FILENO, name: LineExchange.source)
    var code = ExitCode.success
    var slice: [TextRequest] = []
    func flush() throws {
      guard !slice.isEmpty else { return }
      try answer(slice)
      slice.removeAll(keepingCapacity: true)
    }
    while let line = try reader.next() {
      if !line.bytes.allSatisfy({ $0 == 0x20 || 0x09...0x0D ~= $0 }) {
        do {
          let request = try TextRequest(line: line.bytes, number: line.number, source: LineExchange.source)
          if request.repairs > 0 {
            complain("\(verb): \(LineExchange.source), line \(line.number): \(repaired(request.repairs))")
          }
          slice.append(request)
        } catch let error as DataError {
          complain("\(verb): \(error)")
          code = .failure
        }
      }
      if slice.count == most || !reader.hasLine { try flush() }
    }
    try flush()
    return code
  }

  private static func repaired(_ count: Int) -> String { "\(count) broken byte sequences became U+FFFD" }
}
