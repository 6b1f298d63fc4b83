import RunStore

/// What approximate search costs: the same questions through exact search and through indexes, recall, answers, latency and
/// money side by side.
enum ApproximateTable {
  private typealias Column = SystemTable.Column

  /// Under the lightest load of the run, where latency is that of the system and not of its queue.
  ///
  /// - Returns: `nil` where nothing but the index differs between no two rows.
  static func of(_ rows: [SystemRow], dataset: String) -> Table? {
    let comparisons = ApproximateComparison.of(rows)
    let members = comparisons.flatMap { ($0.exact.map { [$0] } ?? []) + $0.approximate }
    guard !members.isEmpty else { return nil }
    let isAlone = Set(rows.map(\.labels.loadName)).count > 1
    let exact = Dictionary(
      comparisons.flatMap { one in one.approximate.map { ($0.record.id, one.exact) } }, uniquingKeysWith: { a, _ in a })
    return SystemTable(
      title: "rag · \(dataset) · what approximate search costs",
      facts: isAlone ? [members[0].labels.loadName] : [],
      columns: [
        Column(name: "chunk_recall@", title: "chunks@", priority: 0),
        Column(name: "recall@", title: "recall@", priority: 0),
        Column(name: "answer_f1", title: "answer F1", priority: 0),
        Column(name: "rouge_l", title: "ROUGE-L", priority: 4),
        Column(name: "answers_changed", title: "answers changed", priority: 0, isShare: true, isJudged: false),
        Column(
          name: "answers_changed_same_prompt", title: "of the same prompt", priority: 5, isShare: true, isJudged: false),
        Column(name: RagStage.search.p50, title: "search p50", priority: 0),
        Column(name: "ttft_p50", title: "TTFT p50", priority: 0),
        Column(name: "e2e_p50", title: "E2E p50", priority: 1),
        Column(name: "cost_per_1000_questions", title: "cost of 1000", priority: 1),
      ], hidden: isAlone ? Set(SystemLabels.loads) : [], hasCaption: false,
      group: { "\($0.labels.parts.map(\.text))" },
      added: (
        [
          Table.Column("F1 − exact", alignment: .right, priority: 2),
          Table.Column("search ÷ exact", alignment: .right, unit: "×", priority: 2),
          Table.Column("TTFT ÷ exact", alignment: .right, unit: "×", priority: 1),
          Table.Column("cost ÷ exact", alignment: .right, unit: "×", priority: 3),
        ],
        { row in
          guard let exact = exact[row.record.id] ?? nil else { return [] }
          return [difference(row, exact, "answer_f1")]
            + [RagStage.search.p50, "ttft_p50", "cost_per_1000_questions"].map { ratio(row, exact, $0) }
        }
      )
    ).of(members)
  }

  private static func difference(_ row: SystemRow, _ exact: SystemRow, _ name: String) -> Table.Cell {
    guard let a = row.value(name), let b = exact.value(name) else { return .empty }
    let sign = a < b ? "−" : a > b ? "+" : ""
    return Table.Cell(sign + HumanNumber.text(abs(a - b), unit: "ratio"), number: a - b)
  }

  private static func ratio(_ row: SystemRow, _ exact: SystemRow, _ name: String) -> Table.Cell {
    guard let a = row.value(name), let b = exact.value(name), b > 0 else { return .empty }
    return .number(a / b, unit: "×")
  }
}

/// Systems of which only the index differs.
struct ApproximateComparison {
  /// Exact search, where the run has it as a case of its own.
  var exact: SystemRow?
  /// In the order of their indexes, each from its most careful search to its least.
  var approximate: [SystemRow]

  static func of(_ rows: [SystemRow]) -> [ApproximateComparison] {
    let some = SystemRow.atLightestLoad(rows).filter { $0.record.failure == nil && !$0.labels.index.isEmpty }
    var groups: [[SystemRow]] = []
    for row in some {
      let place = groups.firstIndex { $0[0].labels.parts == row.labels.parts }
      if let place { groups[place].append(row) } else { groups.append([row]) }
    }
    return groups.compactMap { members in
      let exact = members.first(where: \.labels.isExact)
      let others = members.filter { !$0.labels.isExact }
      guard !others.isEmpty, members.count > 1 else { return nil }
      return ApproximateComparison(exact: exact, approximate: careful(others))
    }
  }

  /// Rows come with rising parameters; within an index as it was built they are turned around.
  private static func careful(_ rows: [SystemRow]) -> [SystemRow] {
    var runs: [[SystemRow]] = []
    for row in rows {
      if let last = runs.last?.first, last.labels.index == row.labels.index, last.labels.build == row.labels.build {
        runs[runs.count - 1].append(row)
      } else {
        runs.append([row])
      }
    }
    return runs.flatMap { $0.reversed() }
  }
}
