public import RunStore
import Statistics

extension Report {
  /// With what the store keeps of the run for its plots: the latencies of each index where they are compared, and the KV
  /// memory over time of each case that generates, and what became of each server under load.
  ///
  /// - Throws: `RunStoreError`; `HistogramEncodingError` for a stored distribution that is none.
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
    for item in report.cases where item.labels.workload == "generate" {
      guard let pass = try store.passes(of: item.record.id, in: run.run.id).first(where: { $0.number == 1 }) else {
        continue
      }
      report.timelines[item.record.id] = KVTimelineSeries(pass)
    }
    for item in report.cases where item.labels.workload == "serve" {
      report.loads[item.record.id] = try ServeSeries(try store.passes(of: item.record.id, in: run.run.id))
    }
    self = report
  }
}
