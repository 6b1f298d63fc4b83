import Files
import Foundation

/// Standard input answered line by line, for the verbs that take `--jsonl`.
enum LineExchange {
  static let source = "standard input"

  /// Calls `answer` for every line that is not blank and writes what it returns before the next line is read. A line that
  /// cannot be answered is named on standard error, and the rest go on.
  ///
  /// - Returns: success, or failure if there was such a line.
  /// - Throws: what reading and writing meet.
  static func run(
    _ verb: String, answer: (_ line: UnsafeRawBufferPointer, _ number: Int) throws -> (lines: [UInt8], repairs: Int)
  ) throws -> ExitCode {
    let reader = LineReader(descriptor: STDIN_FILENO, name: source)
    var code = ExitCode.success
    while let line = try reader.next() {
      if line.bytes.allSatisfy({ $0 == 0x20 || 0x09...0x0D ~= $0 }) { continue }
      do {
        let result = try answer(line.bytes, line.number)
        if result.repairs > 0 {
          complain("\(verb): \(source), line \(line.number): \(result.repairs) broken byte sequences became U+FFFD")
        }
        try StandardOutput.write(result.lines)
      } catch let error as DataError {
        complain("\(verb): \(error)")
        code = .failure
      }
    }
    return code
  }
}

/// Where results go, without a buffer that could hold them back.
enum StandardOutput {
  static func write(_ bytes: [UInt8]) throws {
    guard !bytes.isEmpty else { return }
    try FileHandle.standardOutput.write(contentsOf: Data(bytes))
  }
}
