package import HTTP

/// Asks a server's `/metrics` again and again while a loop runs.
///
/// One request at a time: where an answer takes longer than the interval, moments are left out, not made up for. Neither is a
/// server asked for more than a fiftieth of the time: writing a page takes vLLM tens of milliseconds of the CPU that the answers
/// wait for. What fails is counted, and the next moment is tried as any other, so that a server that comes back is seen again.
package final class MetricsSampler {
  /// By time.
  package private(set) var samples: [ServerSample] = []
  /// What the server did not tell in the page that came last, in words; nil: none has come.
  package private(set) var missing: [String]?
  /// "vLLM", …; see `ServerPage`.
  package private(set) var family: String?
  package private(set) var cacheConfiguration: KVCacheConfiguration?
  /// Requests that brought no page that could be understood, and what was wrong with the last of them.
  package private(set) var failureCount = 0
  package private(set) var lastFailure: String?
  /// Told of every sample, on the loop's thread.
  package var sampled: ((ServerSample) -> Void)?

  private let loop: TransferLoop
  private let request: HTTPRequest?
  private let interval: UInt64
  private let patience: Double
  private var isRunning = false
  private var timer: LoopTimer?
  private var transfer: Transfer?

  /// Bytes of the longest page that is read; a page of vLLM's has 60 kB.
  private static let longestPage = 16 << 20
  /// A look that took a second is followed by so many seconds without one.
  private static let restForLook: UInt64 = 49

  /// - Parameters:
  ///   - interval: seconds from one request to the next.
  ///   - patience: seconds for one.
  package init(
    server: ServerProfile, key: APIKey? = nil, loop: TransferLoop, interval: Double = 0.25, patience: Double = 5
  ) {
    self.loop = loop
    self.interval = UInt64(max(interval, 0.001) * 1e9)
    self.patience = patience
    request = server.metricsURL.map {
      HTTPRequest(url: $0, headers: ["Accept: text/plain; version=0.0.4"] + (key.map { [$0.header] } ?? []))
    }
  }

  /// Begins with a sample at once; nothing for a server that has no `/metrics`.
  package func start() {
    guard request != nil, !isRunning else { return }
    isRunning = true
    schedule(loop.now)
  }

  /// No sample comes any more, not even one that is under way.
  package func stop() {
    isRunning = false
    if let timer { loop.cancel(timer) }
    if let transfer { loop.cancel(transfer) }
    timer = nil
    transfer = nil
  }

  private func schedule(_ time: UInt64) { timer = loop.at(time) { [weak self] in self?.ask(planned: time) } }

  private func ask(planned: UInt64) {
    guard isRunning, let request else { return }
    transfer = loop.fetch(request, limit: Self.longestPage, patience: patience) { [weak self] result in
      self?.take(result, planned: planned)
    }
  }

  private func take(_ result: Result<HTTPResponse, TransferFailure>, planned: UInt64) {
    guard isRunning else { return }
    let now = loop.now
    let began = transfer?.began ?? now
    transfer = nil
    var earliest = now
    do throws(SampleFailure) {
      let page = try page(result, time: began + (now - began) / 2)
      (missing, family) = (page.missing, page.family)
      cacheConfiguration = page.cacheConfiguration ?? cacheConfiguration
      samples.append(page.sample)
      earliest += (now - began) * Self.restForLook
      sampled?(page.sample)
    } catch {
      failureCount += 1
      lastFailure = error.sentence
    }
    // `sampled` may have stopped it.
    guard isRunning else { return }
    schedule(planned + max(1, (earliest - planned + interval - 1) / interval) * interval)
  }

  private struct SampleFailure: Error {
    var sentence: String
  }

  private func page(
    _ result: Result<HTTPResponse, TransferFailure>, time: UInt64
  ) throws(SampleFailure) -> ServerPage {
    let url = request?.url ?? ""
    switch result {
    case .failure(let failure): throw SampleFailure(sentence: "\(url): \(failure)")
    case .success(let response) where response.status != 200:
      throw SampleFailure(sentence: "\(url): HTTP status \(response.status)")
    case .success(let response):
      let page = ServerPage(response.body, time: time)
      guard page.family != nil else {
        throw SampleFailure(
          sentence: "\(url) has none of the metrics of vLLM, SGLang, TGI or llama.cpp"
            + (page.problems.first.map { "; \($0)" } ?? ""))
      }
      return page
    }
  }
}
