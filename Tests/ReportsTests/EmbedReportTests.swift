import Foundation
import Reports
import RunStore
import Testing

/// Ours and two peers on one thread and on two: the same texts, at two batches each.
private func embedRun() -> RunRecord {
  func one(
    _ engine: String, _ precision: String, threads: Int, batch: Int, rate tokens: Double, cosine: Double,
    streams: Int? = nil
  ) -> CaseRecord {
    var labels = [
      "dataset": "wordnet", "chunker": "whole", "texts": "1500", "engine": engine, "embedder": "minilm",
      "precision": precision, "threads": "\(threads)", "batch": "\(batch)",
    ]
    labels["streams"] = streams.map { "\($0)" }
    let speed = tokens * Double(threads) * 0.97
    return CaseRecord(
      id:
        "embed/wordnet/\(engine)/minilm/precision=\(precision),streams=\(streams ?? 0)/threads=\(threads),batch=\(batch)",
      workload: "embed", labels: labels,
      metrics: [
        "tokens_per_second": rate(speed, interval: [speed * 0.98, speed * 1.02]), "texts_per_second": rate(speed / 17),
        "texts_per_second_with_tokenizing": rate(speed / 18), "cosine_mean": ratio((1 + cosine) / 2),
        "cosine_min": ratio(cosine), "latency_p50": seconds(Double(batch) * 17 / speed),
        "padding_ratio": ratio(1.02),
      ])
  }
  var cases = [1, 2].flatMap { threads in
    [1, 32].flatMap { batch in
      let slow = batch == 1 ? 0.7 : 1
      return [
        one("ragmeter", "f32", threads: threads, batch: batch, rate: 11_000 * slow, cosine: 1),
        one("ragmeter", "bf16", threads: threads, batch: batch, rate: 21_600 * slow, cosine: 0.99996),
        one("ragmeter", "int8", threads: threads, batch: batch, rate: 34_000 * slow, cosine: 0.9964),
        one("onnxruntime", "f32", threads: threads, batch: batch, rate: 8_230 * slow, cosine: 0.9999999),
        one("onnxruntime", "int8", threads: threads, batch: batch, rate: 17_000, cosine: 0.98777),
        one("openvino", "f32", threads: threads, batch: batch, rate: 9_910 * slow, cosine: 0.9999999),
        one("openvino", "bf16", threads: threads, batch: batch, rate: 17_200 * slow, cosine: 0.99998),
      ]
    }
  }
  cases.append(one("openvino", "f32", threads: 2, batch: 32, rate: 10_400, cosine: 0.9999999, streams: 2))
  return RunRecord(run: header("embed-peers"), cases: cases)
}

@Suite struct EmbedReportTests {
  @Test func ratios() throws {
    try expectSnapshot(Report(run: embedRun()).terminal(width: 200, color: false), "embed-200.txt")
  }

  @Test(.enabled(if: PlotTests.hasGnuplot, "gnuplot is not installed")) func speedIsDrawn() throws {
    let folder = try TemporaryFolder()
    let kept = ProcessInfo.processInfo.environment["RAGMETER_PLOTS"]
    let files = try Report(run: embedRun()).writePlots(to: kept ?? folder.path)
    #expect(
      files.map { $0.split(separator: "/").last.map(String.init) } == [
        "wordnet-embed-minilm.png", "wordnet-embed-minilm.svg",
      ])
    let drawing = try String(contentsOfFile: files[1], encoding: .utf8)
    for word in ["ragmeter int8", "openvino bf16", "2 threads", "(0.98777)"] {
      #expect(drawing.contains(word), "\(word)")
    }
  }
}
