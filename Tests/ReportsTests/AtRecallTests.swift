import Foundation
import Reports
import RunStore
import Testing

/// Curves made by hand, so that every figure of the tables can be worked out on paper.
@Suite struct AtRecallTests {
  private func point(
    _ engine: String, _ index: String, _ ef: Int, recall: Double, qps: Double, mode: String = "single"
  ) -> CaseRecord {
    CaseRecord(
      id: "search/d/\(engine)/\(index)/\(mode)/ef=\(ef)", workload: "search",
      labels: [
        "dataset": "d", "n": "1000", "engine": engine, "index": index, "ef": "\(ef)", "k": "10", "threads": "1",
        "mode": mode,
      ],
      metrics: [
        "recall@10": ratio(recall), "qps": rate(qps), "latency_p50": seconds(1 / qps), "latency_p99": seconds(2 / qps),
      ])
  }

  private func build(_ engine: String, _ index: String, seconds time: Double, bytes size: Double) -> CaseRecord {
    CaseRecord(
      id: "insert/d/\(engine)/\(index)", workload: "insert",
      labels: ["dataset": "d", "n": "1000", "engine": engine, "index": index, "threads": "1"],
      metrics: ["insert_seconds": seconds(time), "index_bytes": bytes(size)])
  }

  private func table(_ title: String, of cases: [CaseRecord]) throws -> Table {
    let tables = Report(run: RunRecord(run: header("hand-made"), cases: cases)).tables
    return try #require(tables.first { $0.title.hasPrefix(title) }, "\(tables.map(\.title))")
  }

  private func cell(_ table: Table, row: Int, _ column: String) throws -> Table.Cell {
    let place = try #require(table.columns.firstIndex { $0.title == column }, "\(table.columns.map(\.title))")
    return table.rows[row].cells[place]
  }

  @Test func interpolatesAlongTheFront() throws {
    let cases = [
      point("ragmeter", "hnsw", 10, recall: 0.85, qps: 16_000), point("ragmeter", "hnsw", 20, recall: 0.95, qps: 4_000),
      // Beaten by the next: worse recall at less speed.
      point("ragmeter", "hnsw", 30, recall: 0.93, qps: 1_000), point("ragmeter", "hnsw", 40, recall: 0.97, qps: 2_000),
      build("ragmeter", "hnsw", seconds: 3, bytes: 64_000),
    ]
    let table = try table("at recall@10", of: cases)
    #expect(table.rows.count == 1)
    // Half-way in recall between 16 000 and 4 000 is their geometric mean.
    let qps = try #require(try cell(table, row: 0, "QPS @0.90").number)
    #expect(abs(qps - 8_000) < 1e-6)
    #expect(try cell(table, row: 0, "QPS @0.95").text == "4.00k")
    #expect(try cell(table, row: 0, "QPS @0.99") == Table.Cell("not reached"))
    #expect(try cell(table, row: 0, "p50 @0.90").text == "125 µs")
    #expect(try cell(table, row: 0, "p99 @0.95").text == "500 µs")
    #expect(try cell(table, row: 0, "bytes per vector").number == 64)
    #expect(try cell(table, row: 0, "build").text == "3.00 s")
  }

  @Test func aSweepThatStartsAboveOnlyBounds() throws {
    let cases = [
      point("ragmeter", "hnsw", 10, recall: 0.92, qps: 9_000), point("ragmeter", "hnsw", 20, recall: 0.995, qps: 3_000),
      point("svs", "vamana", 10, recall: 0.96, qps: 6_000), point("svs", "vamana", 20, recall: 0.999, qps: 1_500),
    ]
    let reached = try table("at recall@10", of: cases)
    #expect(try cell(reached, row: 0, "QPS @0.90").text == "> 9.00k")
    #expect(try cell(reached, row: 0, "p50 @0.90").text == "< 111 µs")
    #expect(try cell(reached, row: 1, "QPS @0.95").text == "> 6.00k")
    let ratios = try table("ratios · graph indexes", of: cases)
    #expect(try cell(ratios, row: 0, "QPS @0.90").text == "≈ 1.50×")
    // 9 000 · (1/3)^0.4 over 6 000.
    #expect(try cell(ratios, row: 0, "QPS @0.95").text == "< 0.97×")
  }

  @Test func ratiosTakeTheBestVariantAndEachOne() throws {
    let cases = [
      point("ragmeter", "hnsw", 10, recall: 0.9, qps: 3_000), point("ragmeter", "hnsw", 20, recall: 0.99, qps: 2_000),
      point("ragmeter", "hnsw-sq8", 10, recall: 0.9, qps: 8_000),
      point("ragmeter", "hnsw-sq8", 20, recall: 0.95, qps: 1_000),
      point("hnswlib", "hnsw", 10, recall: 0.9, qps: 1_000), point("hnswlib", "hnsw", 20, recall: 0.99, qps: 500),
      point("faiss", "HNSW16,Flat", 10, recall: 0.9, qps: 2_000),
      build("ragmeter", "hnsw", seconds: 10, bytes: 3_000), build("ragmeter", "hnsw-sq8", seconds: 5, bytes: 1_000),
      build("hnswlib", "hnsw", seconds: 20, bytes: 2_000),
    ]
    let table = try table("ratios · graph indexes", of: cases)
    let names = try table.rows.indices.map {
      try [cell(table, row: $0, "peer").text, cell(table, row: $0, "ours").text]
    }
    #expect(
      names == [
        ["fastest peer", "best"],
        ["faiss HNSW16,Flat", "best"], ["faiss HNSW16,Flat", "ragmeter hnsw"],
        ["faiss HNSW16,Flat", "ragmeter hnsw-sq8"],
        ["hnswlib hnsw", "best"], ["hnswlib hnsw", "ragmeter hnsw"], ["hnswlib hnsw", "ragmeter hnsw-sq8"],
      ])
    #expect(try cell(table, row: 0, "QPS @0.90").number == 4)
    #expect(try cell(table, row: 0, "QPS @0.99").number == 4)
    #expect(try cell(table, row: 1, "QPS @0.99").text == "only ours")
    #expect(try cell(table, row: 4, "QPS @0.90").number == 8)
    #expect(try cell(table, row: 6, "QPS @0.99").text == "not reached")
    #expect(try cell(table, row: 5, "build time").number == 0.5)
    #expect(try cell(table, row: 6, "bytes per vector").number == 0.5)
    #expect(try cell(table, row: 4, "build time") == .empty)
  }

  @Test func exactSearchComparesQPSUnderEqualConditionsAlone() throws {
    let cases = [
      point("ragmeter", "flat", 0, recall: 1, qps: 800), point("faiss", "Flat", 0, recall: 1, qps: 200),
      point("ragmeter", "flat", 0, recall: 1, qps: 3_000, mode: "batch"),
      point("faiss", "Flat", 0, recall: 1, qps: 2_000, mode: "batch"),
      // Nothing to compare with: no row.
      point("ragmeter", "flat", 0, recall: 1, qps: 5, mode: "other"),
    ]
    let table = try table("ratios · exact search", of: cases)
    #expect(table.rows.count == 2)
    #expect(try cell(table, row: 0, "mode").text == "single")
    #expect(try cell(table, row: 0, "QPS").number == 4)
    #expect(try cell(table, row: 1, "mode").text == "batch")
    #expect(try cell(table, row: 1, "QPS").number == 1.5)
  }

  @Test func theNullIndexIsNoCurve() throws {
    let cases = [
      point("ragmeter", "null", 0, recall: 0, qps: 9e6), point("ragmeter", "hnsw", 10, recall: 0.9, qps: 3_000),
    ]
    let tables = Report(run: RunRecord(run: header("null"), cases: cases)).tables
    #expect(tables.map { $0.rows.count } == [2, 1])
    #expect(tables[0].rows.map(\.isPareto) == [true, false])
  }

  @Test func numbersAreReadable() {
    let cases: [(Double, String, String)] = [
      (12_345, "1/s", "12.3k"), (0.0042, "s", "4.20 ms"), (188e6, "B", "188 MB"), (0.99123, "ratio", "0.9912"),
      (0, "s", "0 s"), (999.6e-9, "s", "1.00 µs"), (0.9996, "s", "1.00 s"), (1234.4, "s", "1234 s"),
      (999.4, "1/s", "999"), (999.6, "1/s", "1.00k"), (9.996, "1/s", "10.0"), (512, "B", "512 B"),
      (0.034, "1", "0.0340"),
      (7, "1", "7"), (12.34, "×", "12.3×"), (0.5, "×", "0.50×"), (.infinity, "s", "∞"), (3.2e9, "1/s", "3.20G"),
    ]
    for (value, unit, text) in cases { #expect(HumanNumber.text(value, unit: unit) == text, "\(value) \(unit)") }
  }
}
