import RunStore

/// The questions that the best case of a corpus answers worst.
enum WorstQuestionsTable {
  /// - Parameter cases: the retrieve cases of one corpus. `nil` where every question is answered perfectly.
  static func of(_ cases: [LabeledCase], dataset: String) -> Table? {
    guard let quality = RetrieveRow.qualityName(cases),
      let best = RetrieveRow.sorted(cases, by: quality).first, let worst = best.record.worst, !worst.isEmpty
    else { return nil }
    var table = Table(
      title: "worst questions · \(dataset)", caption: "of the best case: \(best.labels.name)",
      columns: [
        Table.Column("question"), Table.Column("id", priority: 2),
        Table.Column(quality.replacing("ndcg", with: "nDCG"), alignment: .right, unit: "ratio"),
        Table.Column("answered by", priority: 1), Table.Column("found first", priority: 1),
      ])
    for question in worst {
      table.rows.append(
        Table.Row([
          Table.Cell(question.text), Table.Cell(question.id), .number(question.score, unit: "ratio"),
          Table.Cell(question.relevant.joined(separator: ", ")), Table.Cell(question.found ?? "–"),
        ]))
    }
    return table
  }
}
