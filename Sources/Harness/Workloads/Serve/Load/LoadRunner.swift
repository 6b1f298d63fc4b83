package import GenerationClient
internal import Instrumentation
internal import Statistics

/// Puts a server under one load and measures what becomes of it.
package struct LoadRunner {
  private let client: any LoadClient
  private let requests: LoadRequests
  private let point: LoadPoint
  private let seed: UInt64
  private let admission: KVAdmission?
  private let observer: (any LoadObserver)?

  /// - Parameters:
  ///   - requests: with as many sessions as there are; they begin anew where the load needs more.
  ///   - seed: of the arrivals and of what is random about the driver.
  ///   - admission: holds requests back; nil: none waits.
  ///   - observer: watches the server meanwhile.
  package init(
    client: any LoadClient, requests: LoadRequests, point: LoadPoint, seed: UInt64,
    admission: KVAdmission? = nil, observer: (any LoadObserver)? = nil
  ) {
    self.client = client
    self.requests = requests
    self.point = point
    self.seed = seed
    self.admission = admission
    self.observer = observer
  }

  /// Runs the load to its end, on the calling thread.
  ///
  /// - Throws: `EngineError` for a load that has neither an end nor a source that ends; what the client's loop throws.
  ///   Whatever the server does is no error: it is counted.
  package func run() throws -> LoadResult {
    let driver = try LoadDriver(
      client: client, requests: requests, point: point, seed: seed, admission: admission)
    observer?.sampled = { [weak driver] in driver?.take($0) }
    observer?.start()
    defer {
      observer?.stop()
      observer?.sampled = nil
    }
    let before = ThreadTime.seconds()
    try driver.run()
    var result = driver.result()
    result.clientCPUSeconds = ThreadTime.seconds() - before
    result.doubts = ClientVerdict.doubts(result.conduct)
    result.serverTimeline = observer?.samples ?? []
    result.missingMetrics = observer?.missing ?? []
    return result
  }
}

extension LoadResult {
  /// What the verdict on the client is of.
  var conduct: ClientVerdict.Conduct {
    ClientVerdict.Conduct(
      scheduled: Int(scheduleLag.count), late: lateInWindow,
      lagP99: scheduleLag.quantile(0.99).map { Double($0) / 1e9 },
      ttftP50: serviceTTFT.quantile(0.5).map { Double($0) / 1e9 },
      busyShare: wallSeconds > 0 ? clientCPUSeconds / wallSeconds : nil)
  }
}
