package import Datasets

/// What the insert and search workloads measure with the same code: an index of the stack, or an adapter process.
package protocol SearchEngine: AnyObject {
  /// What varies: engine ("ragmeter", "faiss", …), index, and build parameters by the field's names.
  var labels: [String: String] { get }

  /// Builds from nothing, handing the base set over in batches of `batch` rows on `threads` threads. Called once.
  func build(_ base: VectorSet, metric: DatasetMetric, batch: Int, threads: Int) throws -> BuildReport

  /// Asks every query once. Queries are in memory before the clock starts; each is timed around the call alone.
  func search(_ queries: VectorSet, pass: SearchPassRequest) throws -> SearchPass

  /// Gives back memory and processes; called once, after which nothing else is.
  func close()
}

/// How one pass over the queries asks.
package struct SearchPassRequest: Sendable, Equatable {
  package enum Mode: Sendable, Equatable {
    /// One query a call, each timed.
    case single
    /// `size` queries a call.
    case batch(size: Int)
  }

  package var k: Int
  package var mode: Mode
  package var threads: Int
  /// By the engine's own names: ef, nprobe, rerank; efSearch, k_factor, ….
  package var parameters: [String: String]
  /// The row numbers that may be returned, ascending; nil for all. An engine that has no filter throws.
  package var allowed: [Int64]?

  package init(k: Int, mode: Mode, threads: Int, parameters: [String: String], allowed: [Int64]? = nil) {
    self.k = k
    self.mode = mode
    self.threads = threads
    self.parameters = parameters
    self.allowed = allowed
  }
}

/// What building took.
package struct BuildReport: Sendable, Equatable {
  package var trainSeconds: Double
  package var addSeconds: Double
  package var optimizeSeconds: Double
  /// Seconds of each `add` call.
  package var batchSeconds: [Double]
  /// Bytes the structure says it holds; nil with a reason where it cannot tell.
  package var indexBytes: Int?
  /// Growth of the process's private memory over the build.
  package var privateBytes: Int?

  package init(
    trainSeconds: Double, addSeconds: Double, optimizeSeconds: Double, batchSeconds: [Double], indexBytes: Int?,
    privateBytes: Int?
  ) {
    self.trainSeconds = trainSeconds
    self.addSeconds = addSeconds
    self.optimizeSeconds = optimizeSeconds
    self.batchSeconds = batchSeconds
    self.indexBytes = indexBytes
    self.privateBytes = privateBytes
  }
}

/// What one pass over the queries gave.
package struct SearchPass: Sendable, Equatable {
  /// Row numbers of the base set, `queries × k`; −1 where nothing was found.
  package var ids: [Int64]
  /// Nanoseconds of each call: one a query in single mode, one a batch in batch mode.
  package var latencies: [UInt64]
  /// Wall time of the whole pass in seconds.
  package var seconds: Double
  /// Distances computed and nodes visited over the pass, where the engine can tell.
  package var distances: Int?
  package var visited: Int?

  package init(ids: [Int64], latencies: [UInt64], seconds: Double, distances: Int? = nil, visited: Int? = nil) {
    self.ids = ids
    self.latencies = latencies
    self.seconds = seconds
    self.distances = distances
    self.visited = visited
  }
}
