internal import Foundation
internal import Statistics

/// The sentences of a knee.
struct KneeWords {
  let axis: KneePoint.Axis

  func found(_ knee: Knee, _ points: [KneePoint]) -> String {
    let range = knee.interval.map {
      " (\(Int(($0.coverage * 100).rounded())) % interval \(number($0.lower)) to \(number($0.upper)))"
    }
    let most = points.map(\.throughput).max() ?? knee.y
    return
      "Throughput stops growing at \(load(knee.x))\(range ?? ""), with \(number(knee.y)) tokens/s: behind it twice "
      + "the load brings less than \(percent(Knee.leastDoubling)) more, and \(number(most)) tokens/s are the most that any "
      + "brought."
  }

  func notReached(_ points: [KneePoint], _ doubling: Double) -> String {
    "Throughput grows up to the highest load measured, \(load(points.last?.load ?? 0)): twice that load would bring some "
      + "\(percent(doubling)) more. There is no knee within the range."
  }

  func before(_ points: [KneePoint]) -> String {
    "Throughput does not grow from the lowest load measured on, \(load(points.first?.load ?? 0)): the knee is there or "
      + "below; measure less load to find it."
  }

  func unknown(_ points: [KneePoint]) -> String {
    let loads = Set(points.map(\.load)).count
    guard loads >= 3 else {
      return "Where throughput stops growing cannot be told from \(loads) \(loads == 1 ? "load" : "loads"); "
        + "measure three at least."
    }
    return "Where throughput stops growing cannot be told, for some loads brought no tokens at all."
  }

  func cause(_ cause: ServingKnee.Cause, _ point: KneePoint) -> String {
    let place = "at \(load(point.load))"
    let free = point.peakKVUsage.map { "no more than \(percent($0)) of the KV blocks were in use" }
    switch cause {
    case .client: return doubt(point)
    case .refusals:
      return "The server's own limits are the cause: \(place) it turned \(percent(point.refusedShare)) away."
    case .kv:
      let signs = [
        point.peakKVUsage.map { "up to \(percent($0)) of its blocks were in use" },
        point.meanWaiting.map { "\(number($0)) requests waited on average" },
        point.preemptions.map { "\(number($0)) were preempted" },
      ]
      return "The KV cache is the cause: \(place) \(list(signs.compactMap { $0 }))."
    case .slots:
      let signs = [
        point.meanRunning.map { "\(number($0)) requests ran" },
        point.meanWaiting.map { "\(number($0)) waited on average" }, free,
      ]
      return "The number of requests that run at once (max_num_seqs, slots) is the cause: \(place) "
        + "\(list(signs.compactMap { $0 }))."
    case .compute:
      let signs = [
        point.meanRunning.map { "\(number($0)) requests ran" },
        point.meanWaiting.map { $0 < 0.05 ? "none waited" : "\(number($0)) waited on average" }, free,
      ]
      return "Compute is the cause: \(place) \(list(signs.compactMap { $0 }))."
    case .unknown:
      return "What the cause is cannot be told, for the server does not tell of its "
        + "\(point.peakKVUsage == nil ? "KV use" : "waiting requests")."
    }
  }

  func doubt(_ point: KneePoint) -> String {
    let reason = point.doubts.first.map { ": at \(load(point.load)) \($0)" } ?? ""
    return "The client may be the cause\(reason)."
  }

  func latency(_ before: KneePoint, _ behind: KneePoint) -> String {
    guard let low = before.ttftP99, let high = behind.ttftP99 else { return "" }
    return " TTFT p99 goes from \(seconds(low)) at \(load(before.load)) to \(seconds(high)) at \(load(behind.load))."
  }

  // MARK: - Numbers

  private func load(_ load: Double) -> String {
    switch axis {
    case .concurrency: "a concurrency of \(number(load))"
    case .rate: "\(number(load)) requests/s"
    }
  }

  /// Three digits.
  private func number(_ value: Double) -> String {
    guard value != 0, value.isFinite else { return value == 0 ? "0" : "\(value)" }
    let digits = max(0, 2 - Int(log10(abs(value)).rounded(.down)))
    let text = String(format: "%.\(digits)f", value)
    guard text.contains(".") else { return text }
    return String(text.reversed().drop { $0 == "0" }.drop { $0 == "." }.reversed())
  }

  private func percent(_ share: Double) -> String { "\(number((share * 1000).rounded() / 10)) %" }

  private func seconds(_ value: Double) -> String { value < 1 ? "\(number(value * 1e3)) ms" : "\(number(value)) s" }

  private func list(_ parts: [String]) -> String {
    guard let last = parts.last, parts.count > 1 else { return parts.first ?? "" }
    return parts.dropLast().joined(separator: ", ") + " and " + last
  }
}
