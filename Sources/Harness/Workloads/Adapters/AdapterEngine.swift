package import Datasets
internal import Foundation

/// An engine in another process, spoken to as Benchmarks/adapters/PROTOCOL.md says.
///
/// The process starts with the first request. A failed request ends the case: whatever the adapter did (crashed, hung,
/// answered nonsense) is thrown as an `AdapterError`, and its process is gone.
package final class AdapterEngine: SearchEngine {
  package let labels: [String: String]
  /// Name and version as the engine itself tells them; nil before the build.
  package var version: String? { session.version }

  let session: AdapterSession
  private var name: String { session.name }
  private let parameters: [String: String]
  private let folder: AdapterFolder
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
    session = AdapterSession(name: name, command: command, environment: environment, timeouts: timeouts)
    self.parameters = parameters
    self.folder = folder
    labels = parameters.merging(["engine": name, "index": parameters["factory"] ?? name]) { $1 }
  }

  /// - Throws: `AdapterError`.
  package func build(_ base: VectorSet, metric: DatasetMetric, batch: Int, threads: Int) throws -> BuildReport {
    guard batch > 0, threads > 0 else {
      throw AdapterError.refused(
        adapter: name, operation: "build", reason: "batch \(batch) and threads \(threads) must be at least 1")
    }
    try session.start()
    let before = try session.ask(.stats, as: StatsReply.self).answer
    let request = AdapterRequest.build(
      vectors: try folder.vectors(base), metric: metric.rawValue, batch: batch, threads: threads,
      parameters: parameters)
    let (reply, wall) = try session.ask(request, as: BuildReply.self)
    try check(reply, operation: request.operation, batches: (base.count + batch - 1) / batch, wall: wall)
    let after = try session.ask(.stats, as: StatsReply.self).answer
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
    let (reply, wall) = try session.ask(request, as: SearchReply.self)
    let calls = size.map { (queries.count + $0 - 1) / $0 } ?? queries.count
    let file: ResultFile
    do {
      file = try ResultFile(path: results, queries: queries.count, k: pass.k, calls: calls)
    } catch {
      throw session.nonsense(error.reason, operation: request.operation)
    }
    try check(reply, file, operation: request.operation, pass: pass, baseCount: baseCount, wall: wall)
    return SearchPass(
      ids: file.ids, latencies: file.latencies, seconds: reply.seconds, distances: reply.distances,
      visited: reply.visited)
  }

  package func close() { session.close() }
}
