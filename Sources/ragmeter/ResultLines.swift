import Files

/// Lines of JSON on standard output, or in the file that `--json` names, which appears whole.
struct ResultLines {
  private let file: AtomicFile?

  init(_ arguments: Arguments) throws {
    let path = arguments.value("--json")
    file = try path == nil || path == "-" ? nil : AtomicFile(path: path ?? "")
  }

  func write(_ lines: [UInt8]) throws {
    guard let file else { return try StandardOutput.write(lines) }
    try lines.withUnsafeBytes { try file.write($0) }
  }

  func commit() throws { try file?.commit() }
}
