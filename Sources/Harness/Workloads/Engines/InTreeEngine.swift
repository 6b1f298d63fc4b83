package import Datasets
internal import Foundation
internal import Instrumentation
package import VectorIndexes

/// An index of the stack, measured in this process.
///
/// Not for several threads at once; its passes start their own.
///
/// `@unchecked Sendable`: what changes is set by `build` and `close`, which no pass overlaps.
package final class InTreeEngine: SearchEngine, @unchecked Sendable {
  /// Makes the empty index.
  package typealias Maker = (_ dimension: Int, _ metric: DistanceMetric, _ threads: Int) throws -> any VectorIndex

  package let labels: [String: String]
  private let make: Maker
  private(set) var index: (any VectorIndex)?
  private(set) var dimension = 0

  package init(labels: [String: String], make: @escaping Maker) {
    self.labels = labels
    self.make = make
  }

  /// An index of the stack by its specification.
  package convenience init(_ specification: IndexSpecification) {
    let labels = specification.parameters.merging(["engine": "ragmeter", "index": specification.kind]) { $1 }
    self.init(labels: labels) { dimension, metric, threads in
      var specification = specification
      if threads > 1 { specification.parameters["threads"] = "\(threads)" }
      return try IndexFactory.make(specification, dimension: dimension, metric: metric)
    }
  }

  /// - Throws: `VectorIndexError` for parameters or vectors that the index refuses.
  package func build(_ base: VectorSet, metric: DatasetMetric, batch: Int, threads: Int) throws -> BuildReport {
    // Pages that earlier engines gave back to the allocator alone would hide what this one takes.
    Allocator.returnFreePages()
    let before = ProcessMemory.read()?.privateBytes
    let index = try make(base.dimension, DistanceMetric(metric), threads)
    self.index = index
    dimension = base.dimension
    let ids = (0..<Int64(base.count)).map { $0 }
    var batchSeconds: [Double] = []
    batchSeconds.reserveCapacity(base.count / max(batch, 1) + 1)
    var trainSeconds = 0.0
    if !index.isTrained {
      trainSeconds = try Self.seconds { try index.train(base.values.span) }
    }
    var start = 0
    while start < base.count {
      let end = min(base.count, start + max(batch, 1))
      batchSeconds.append(
        try Self.seconds {
          try index.add(
            base.values.span.extracting(start * base.dimension..<end * base.dimension),
            ids: ids.span.extracting(start..<end))
        })
      start = end
    }
    let optimizeSeconds = try Self.seconds { try index.optimize() }
    let after = ProcessMemory.read()?.privateBytes
    return BuildReport(
      trainSeconds: trainSeconds, addSeconds: batchSeconds.reduce(0, +), optimizeSeconds: optimizeSeconds,
      batchSeconds: batchSeconds, indexBytes: index.memory.total,
      privateBytes: before.flatMap { before in after.map { $0 > before ? Int($0 - before) : 0 } })
  }

  package func close() {
    (index as? StoredIndex)?.close()
    index = nil
  }

  /// Bytes of the index's file, written to the temporary folder and removed again; those of a store are there already.
  package func savedBytes() throws -> Int {
    guard let index else { throw EngineError("the index was not built, so it cannot be saved") }
    if let stored = index as? StoredIndex { return try stored.diskBytes() }
    let file = FileManager.default.temporaryDirectory.appending(path: "ragmeter-\(UUID().uuidString).index").path
    defer { try? FileManager.default.removeItem(atPath: file) }
    try index.save(to: file)
    return try FileManager.default.attributesOfItem(atPath: file)[.size] as? Int ?? 0
  }

  private static func seconds(_ body: () throws -> Void) rethrows -> Double {
    let start = MonotonicClock.now()
    try body()
    return MonotonicClock.seconds(from: start, to: MonotonicClock.now())
  }
}

extension DistanceMetric {
  package init(_ metric: DatasetMetric) {
    switch metric {
    case .l2: self = .l2
    case .ip: self = .ip
    case .cosine: self = .cosine
    }
  }
}
