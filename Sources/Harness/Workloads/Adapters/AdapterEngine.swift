package import Datasets
internal import Foundation

/// An engine in another process, spoken to as Benchmarks/adapters/PROTOCOL.md says.
///
/// The process starts with the first request. A failed request ends the case: whatever the adapter did (crashed, hung,
/// answered nonsense) is thrown as an `AdapterError`, and its process is gone.
package final class AdapterEngine: SearchEngine {
  package let labels: [String: String]
  /// Name and version as the engine itself tells them; nil before the build.
  package private(set) var version: String?

  private let name: String
  private let command: [String]
  private let environment: [String: String]
  private let parameters: [String: String]
  private let timeouts: AdapterTimeouts
  private let folder: AdapterFolder
  private var process: AdapterProcess?
  private var lastID = 0
  private var baseCount = 0
  private var dimension = 0

  /// - Parameters:
  ///   - name: by which tables and failures call it.
  ///   - command: the program and its arguments, as `AdapterCatalogue.command` finds them.
  ///   - parameters: what to build, by the engine's own names.
  ///   - environment: added to, and winning over, this process's own.
  ///   - folder: where vectors and results are exchanged; share one between all engines of a run.
  package init(
    name: String, command: [String], parameters: [String: String], environment: [String: String] = [:],
    timeouts: AdapterTimeouts = AdapterTimeouts(), folder: AdapterFolder
  ) {
    self.name = name
    self.command = command
    self.parameters = parameters
    self.environment = ProcessInfo.processInfo.environment.merging(environment) { $1 }
    self.timeouts = timeouts
    self.folder = folder
    labels = parameters.merging(["engine": name, "index": parameters["factory"] ?? name]) { $1 }
  }

  /// - Throws: `AdapterError`.
  package func build(_ base: VectorSet, metric: DatasetMetric, batch: Int, threads: Int) throws -> BuildReport {
    guard batch > 0, threads > 0 else {
      throw AdapterError.refused(
        adapter: name, operation: "build", reason: "batch \(batch) and threads \(threads) must be at least 1")
    }
    if process == nil { try start() }
    let before = try ask(.stats, as: StatsReply.self).answer
    let request = AdapterRequest.build(
      vectors: try folder.vectors(base), metric: metric.rawValue, batch: batch, threads: threads,
      parameters: parameters)
    let (reply, wall) = try ask(request, as: BuildReply.self)
    try check(reply, operation: request.operation, batches: (base.count + batch - 1) / batch, wall: wall)
    let after = try ask(.stats, as: StatsReply.self).answer
    (baseCount, dimension) = (base.count, base.dimension)
    var grown: Int?
    if let start = before.privateBytes, let end = after.privateBytes { grown = end - start }
    return BuildReport(
      trainSeconds: reply.trainSeconds, addSeconds: reply.addSeconds, optimizeSeconds: reply.optimizeSeconds,
      batchSeconds: reply.batchSeconds, indexBytes: after.indexBytes, privateBytes: grown)
  }

  /// - Throws: `AdapterError`.
  package func search(_ queries: VectorSet, pass: SearchPassRequest) throws -> SearchPass {
    let size: Int? = if case .batch(let size) = pass.mode { size } else { nil }
    guard pass.k > 0, pass.k <= Int(UInt32.max), size ?? 1 > 0, pass.threads > 0, queries.dimension == dimension else {
      throw AdapterError.refused(
        adapter: name, operation: "search",
        reason:
          "k \(pass.k), batch \(size ?? 1) and threads \(pass.threads) must be at least 1, and queries of dimension "
          + "\(queries.dimension) must have the base set's \(dimension)")
    }
    let results = folder.newResults()
    defer { try? FileManager.default.removeItem(atPath: results) }
    let request = AdapterRequest.search(
      queries: try folder.vectors(queries), results: results, k: pass.k, batch: size, threads: pass.threads,
      parameters: pass.parameters)
    let (reply, wall) = try ask(request, as: SearchReply.self)
    let calls = size.map { (queries.count + $0 - 1) / $0 } ?? queries.count
    let file: ResultFile
    do {
      file = try ResultFile(path: results, queries: queries.count, k: pass.k, calls: calls)
    } catch {
      throw nonsense(error.reason, operation: request.operation)
    }
    try check(reply, file, operation: request.operation, pass: pass, baseCount: baseCount, wall: wall)
    return SearchPass(
      ids: file.ids, latencies: file.latencies, seconds: reply.seconds, distances: reply.distances,
      visited: reply.visited)
  }

  package func close() {
    if process != nil { _ = try? ask(.quit, as: EmptyReply.self) }
    process?.end()
    process = nil
  }

  private func start() throws {
    process = try AdapterProcess(name: name, command: command, environment: environment)
    let hello = try ask(.hello, as: HelloReply.self).answer
    guard hello.protocol == adapterProtocolVersion else {
      throw nonsense(
        "it speaks protocol \(hello.protocol), this ragmeter speaks \(adapterProtocolVersion)", operation: "hello")
    }
    version = "\(hello.engine) \(hello.version)"
  }

  /// Sends a request and decodes its answer, with the seconds between the two.
  private func ask<Reply: Decodable>(
    _ request: AdapterRequest, as _: Reply.Type
  ) throws -> (answer: Reply, wall: Double) {
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
