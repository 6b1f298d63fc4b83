import Foundation

/// Runs the executable that was built beside the tests.
enum Program {
  struct Answer {
    var status: Int32
    var output: String
    var errors: String
  }

  struct Missing: Error, CustomStringConvertible {
    var description: String
  }

  /// - Parameters:
  ///   - environment: added to, and winning over, that of the tests.
  ///   - input: what stands on standard input.
  ///   - wrapper: a command that runs the program, by its path, with what it takes before the program's own path.
  static func run(
    _ arguments: [String], environment: [String: String] = [:], folder: String? = nil, input: [UInt8] = [],
    under wrapper: [String] = []
  ) throws -> Answer {
    let process = Process()
    let command = wrapper + [try executable().path] + arguments
    process.executableURL = URL(fileURLWithPath: command[0])
    process.arguments = Array(command.dropFirst())
    process.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    if let folder { process.currentDirectoryURL = URL(fileURLWithPath: folder) }
    // Files instead of pipes: neither stream can fill up while the other is read.
    let scratch = FileManager.default.temporaryDirectory.appending(path: "ragmeter-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: scratch, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: scratch) }
    let streams = ["out", "err"].map { scratch.appending(path: $0) }
    for stream in streams { try Data().write(to: stream) }
    let question = scratch.appending(path: "in")
    try Data(input).write(to: question)
    process.standardInput = try FileHandle(forReadingFrom: question)
    process.standardOutput = try FileHandle(forWritingTo: streams[0])
    process.standardError = try FileHandle(forWritingTo: streams[1])
    try process.run()
    process.waitUntilExit()
    let texts = try streams.map { String(decoding: try Data(contentsOf: $0), as: UTF8.self) }
    return Answer(status: process.terminationStatus, output: texts[0], errors: texts[1])
  }

  /// Beside the bundle of the tests.
  static func executable() throws -> URL {
    let candidates = CommandLine.arguments.prefix(1) + CommandLine.arguments.filter { $0.hasSuffix(".xctest") }
    for candidate in candidates {
      let url = URL(fileURLWithPath: candidate).deletingLastPathComponent().appending(path: "ragmeter")
      if FileManager.default.isExecutableFile(atPath: url.path) { return url }
    }
    throw Missing(description: "no ragmeter beside \(candidates); build it first")
  }
}
