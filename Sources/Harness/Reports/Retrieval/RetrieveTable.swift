import RunStore
import Statistics

/// Chunker × size × overlap × embedder × index: quality beside cost, the best case first.
enum RetrieveTable {
  private struct Column {
    var name: String
    var title: String
    var priority: Int
    /// Of the column beside it with half the width of its interval; nil where it has none.
    var intervalPriority: Int?
  }

  private static let quality = [
    Column(name: "ndcg@", title: "nDCG@", priority: 0, intervalPriority: 1),
    Column(name: "recall@", title: "recall@", priority: 0, intervalPriority: 3),
    Column(name: "mrr@", title: "MRR@", priority: 4),
    Column(name: "evidence_recall@", title: "evidence@", priority: 3),
    Column(name: "map", title: "MAP", priority: 7),
    Column(name: "success@", title: "success@", priority: 5),
    Column(name: "precision@", title: "precision@", priority: 8),
  ]
  private static let cost = [
    Column(name: "chunks", title: "chunks", priority: 2),
    Column(name: "truncated_chunks", title: "cut off", priority: 3),
    Column(name: "chunk_seconds", title: "chunk", priority: 6),
    Column(name: "embed_seconds", title: "embed", priority: 1),
    Column(name: "tokens_per_second", title: "tokens/s", priority: 5),
    Column(name: "insert_seconds", title: "insert", priority: 3),
    Column(name: "query_embed_latency_p50", title: "question p50", priority: 2),
    Column(name: "latency_p50", title: "search p50", priority: 1),
    Column(name: "latency_p99", title: "p99", priority: 5),
    Column(name: "index_bytes", title: "index size", priority: 4),
    Column(name: "chunks_fetched", title: "fetched", priority: 8),
  ]

  /// - Parameter cases: the retrieve cases of one corpus, at least one.
  static func of(_ cases: [LabeledCase], dataset: String) -> Table {
    let rows = RetrieveRow.sorted(cases, by: RetrieveRow.qualityName(cases) ?? "")
    let names = Set(rows.flatMap { $0.record.metrics.keys })
    let columns = (quality + cost).flatMap { expanded($0, names) }
    let stages = stages(rows)
    var table = Table(
      title: "retrieve · \(dataset)", caption: caption(rows, stages.constants),
      columns: stages.varying.map { Table.Column($0.title) })
    for column in columns {
      let example = rows.lazy.compactMap { $0.metric(column.name) }.first
      table.columns.append(
        Table.Column(
          column.title, alignment: .right, unit: example?.unit ?? "", better: example?.better ?? .none,
          priority: column.priority))
      if let priority = column.intervalPriority {
        table.columns.append(Table.Column("±", alignment: .right, priority: priority))
      }
    }
    if columns.isEmpty { table.columns.append(Table.Column("outcome")) }
    let front = front(rows)
    for (position, row) in rows.enumerated() {
      var cells = stages.varying.map { Table.Cell($0.text(row.labels)) }
      let outcome = cells.count
      for column in columns { cells += self.cells(column, row, &table) }
      if columns.isEmpty { cells.append(.empty) }
      if let failure = row.record.failure {
        cells[outcome] = Table.Cell("failed", note: table.footnote(oneLine(failure)))
      }
      table.rows.append(
        Table.Row(cells, isPareto: front.contains(position), isFailure: row.record.failure != nil))
    }
    // Nothing cut off is worth no column.
    table.dropColumns(holdingOnly: "0")
    table.markBest()
    return table
  }

  // MARK: Columns

  private struct Stage {
    var title: String
    var text: (RetrieveLabels) -> String
  }

  /// What varies becomes a column; what does not, a part of the caption. A chunker's length is shown with it.
  private static func stages(_ rows: [RetrieveRow]) -> (varying: [Stage], constants: [String]) {
    let varying = IndexParameters(rows.map { ($0.labels.index, $0.labels.parameters) })
    let all = [
      Stage(title: "chunker") { $0.chunker }, Stage(title: "size") { $0.size.map(String.init) ?? "" },
      Stage(title: "overlap") { $0.overlap }, Stage(title: "chunking") { $0.chunking },
      Stage(title: "embedder") { $0.embedder }, Stage(title: "store") { $0.store },
      Stage(title: "index") { label in
        ([label.index] + label.parameters.filter { varying.contains($0, of: label.index) }).joined(separator: " ")
      },
    ]
    var columns: [Stage] = []
    var constants: [String] = []
    for stage in all {
      let values = Set(rows.map { stage.text($0.labels) })
      if values.count > 1 || stage.title == "index" {
        columns.append(stage)
      } else if let value = values.first, !value.isEmpty {
        constants.append("\(stage.title) \(value)")
      }
    }
    for (index, parameters) in varying.constants { constants.append(([index] + parameters).joined(separator: " ")) }
    return (columns, constants)
  }

  private static func caption(_ rows: [RetrieveRow], _ constants: [String]) -> String {
    let facts = ["documents", "queries", "dimension", "metric", "k", "depth", "embed_threads"].compactMap { name in
      let values = Set(rows.map { $0.record.labels[name] ?? "" })
      let title = name == "queries" ? "questions" : name.replacing("_", with: " ")
      return values.count == 1 ? values.first.flatMap { $0.isEmpty ? nil : "\(title) \($0)" } : nil
    }
    return (facts + constants + ["best first"]).joined(separator: " · ")
  }

  /// A family such as "recall@" as the columns that there are, of the largest k the first.
  private static func expanded(_ column: Column, _ names: Set<String>) -> [Column] {
    guard column.name.hasSuffix("@") else { return names.contains(column.name) ? [column] : [] }
    let cuts = names.filter { $0.hasPrefix(column.name) }.compactMap { Int($0.dropFirst(column.name.count)) }
    return cuts.sorted(by: >).enumerated().map { place, k in
      Column(
        name: "\(column.name)\(k)", title: "\(column.title)\(k)", priority: column.priority + (place == 0 ? 0 : 4),
        intervalPriority: place == 0 ? column.intervalPriority : nil)
    }
  }

  private static func cells(_ column: Column, _ row: RetrieveRow, _ table: inout Table) -> [Table.Cell] {
    let metric = row.metric(column.name)
    var cell = Table.Cell.empty
    if let metric, let value = metric.value {
      cell = .number(value, unit: metric.unit)
      if metric.unit == "1", column.name == "chunks" { cell.text = HumanNumber.grouped(value) }
    } else if let metric {
      cell = Table.Cell("–", note: metric.reason.map { table.footnote(oneLine($0)) })
    }
    guard column.intervalPriority != nil else { return [cell] }
    guard let bounds = metric?.ci95, bounds.count == 2 else { return [cell, .empty] }
    return [cell, Table.Cell(HumanNumber.text((bounds[1] - bounds[0]) / 2, unit: "ratio"))]
  }

  private static func oneLine(_ text: String) -> String {
    text.split(whereSeparator: \.isNewline).joined(separator: " ")
  }

  /// Positions of the rows that no other beats both in quality and in the time from question to documents.
  private static func front(_ rows: [RetrieveRow]) -> Set<Int> {
    let quality = rows.lazy.flatMap { $0.record.metrics.keys }.first { $0.hasPrefix("ndcg@") } ?? ""
    return Set(
      ParetoFront(
        x: rows.map { $0.value(quality) ?? .nan }, y: rows.map { $0.answerSeconds ?? .nan }, better: .lower
      ).points.map(\.index))
  }
}

extension RetrieveRow {
  /// Median seconds to embed a question and search for it.
  var answerSeconds: Double? {
    value("query_embed_latency_p50").flatMap { embed in value("latency_p50").map { embed + $0 } }
  }
}
