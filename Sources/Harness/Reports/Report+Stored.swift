public import RunStore
import Statistics

extension Report {
  /// With the latencies that the store keeps of the run; of each index only those that are plotted.
  ///
  /// - Throws: `RunStoreError`.
  public init(run: RunRecord, store: RunStore) throws {
    var report = Report(run: run)
    for point in report.curves.compactMap({ $0.operatingPoint(at: Self.operatingRecall) }) {
      var histogram = Histogram()
      for pass in try store.passes(of: point.record.id, in: run.run.id) {
        guard case .uint64(let latencies) = pass.samples["latency"] else { continue }
        for latency in latencies { histogram.record(latency) }
      }
      if histogram.count > 0 { report.latencies[point.record.id] = histogram }
    }
    self = report
  }
}
