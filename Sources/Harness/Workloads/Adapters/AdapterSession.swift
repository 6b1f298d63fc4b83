internal import Foundation

/// The conversation with one adapter, whatever it measures: its process, started with the first request, and an answer to
/// each request in turn.
///
/// A failed request ends the case: whatever the adapter did (crashed, hung, answered nonsense) is thrown as an
/// `AdapterError`, and its process is gone.
final class AdapterSession {
  let name: String
  /// Name and version as the engine itself tells them; nil before the first request.
  private(set) var version: String?

  private let command: [String]
  private let environment: [String: String]
  private let timeouts: AdapterTimeouts
  private var process: AdapterProcess?
  private var lastID = 0

  /// - Parameter environment: added to, and winning over, this process's own.
  init(name: String, command: [String], environment: [String: String], timeouts: AdapterTimeouts) {
    self.name = name
    self.command = command
    self.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    self.timeouts = timeouts
  }

  /// Starts the process and greets it, if that is not done.
  func start() throws {
    guard process == nil else { return }
    process = try AdapterProcess(name: name, command: command, environment: environment)
    let hello = try ask(.hello, as: HelloReply.self).answer
    guard hello.protocol == adapterProtocolVersion else {
      throw nonsense(
        "it speaks protocol \(hello.protocol), this ragmeter speaks \(adapterProtocolVersion)", operation: "hello")
    }
    version = "\(hello.engine) \(hello.version)"
  }

  func close() {
    if process != nil { _ = try? ask(.quit, as: EmptyReply.self) }
    process?.end()
    process = nil
  }

  /// Sends a request and decodes its answer, with the seconds between the two.
  func ask<Reply: Decodable>(_ request: AdapterRequest, as _: Reply.Type) throws -> (answer: Reply, wall: Double) {
    guard let process else {
      throw AdapterError.refused(adapter: name, operation: request.operation, reason: "nothing is built")
    }
    lastID += 1
    let start = ContinuousClock.now
    let line = try process.exchange(
      try request.line(id: lastID), operation: request.operation, seconds: timeouts.limit(for: request))
    let wall = start.duration(to: .now) / .seconds(1)
    do {
      let decoder = JSONDecoder()
      let data = Data(line)
      let envelope = try decoder.decode(AdapterReply.self, from: data)
      guard envelope.id == lastID else {
        throw nonsense("it answered request \(envelope.id), asked was \(lastID)", operation: request.operation)
      }
      guard envelope.ok else {
        throw AdapterError.refused(
          adapter: name, operation: request.operation, reason: envelope.error ?? "it gave no reason")
      }
      return (try decoder.decode(Reply.self, from: data), wall)
    } catch let error as DecodingError {
      throw nonsense("\(error.sentence) in \(Self.quote(line))", operation: request.operation)
    }
  }

  /// The failure to throw; the process that gave it cannot be trusted further and is ended.
  func nonsense(_ reason: String, operation: String) -> AdapterError {
    process?.end(killing: true)
    process?.readLog()
    return .nonsense(adapter: name, operation: operation, reason: reason, log: process?.logEnd ?? "")
  }

  private static func quote(_ line: [UInt8]) -> String {
    let start = String(decoding: line.prefix(120), as: UTF8.self).filter { !$0.isNewline }
    return line.count > 120 ? "\"\(start)…\"" : "\"\(start)\""
  }
}

extension DecodingError {
  /// What is wrong where, without the words of the decoder.
  fileprivate var sentence: String {
    switch self {
    case .keyNotFound(let key, _): "field \(key.stringValue) is missing"
    case .typeMismatch(let type, let context): "field \(Self.path(context)) is no \(type)"
    case .valueNotFound(_, let context): "field \(Self.path(context)) is null"
    case .dataCorrupted: "no JSON object"
    @unknown default: "no JSON object"
    }
  }

  private static func path(_ context: Context) -> String {
    context.codingPath.map(\.stringValue).joined(separator: ".")
  }
}
