import RunStore

/// The tables of questions that were asked and answered: quality beside latency and throughput, the stages, what the answers
/// are worth, what approximate search costs, and how soon inserted documents are found.
enum RagTables {
  typealias Column = SystemTable.Column

  /// - Parameter cases: the rag cases of one corpus.
  static func of(_ cases: [LabeledCase], dataset: String) -> [Table] {
    let rows = SystemRow.sorted(cases)
    guard !rows.isEmpty else { return [] }
    return [
      whole(rows, dataset), stages(rows, dataset), answers(rows, dataset), ApproximateTable.of(rows, dataset: dataset),
      freshness(rows, dataset),
    ].compactMap { $0 }
  }

  /// What is compared was asked by as many, for as many answers.
  static func condition(_ row: SystemRow) -> String { "\(row.labels.loadName) n \(row.labels.text("n"))" }

  // MARK: The whole

  private static func whole(_ rows: [SystemRow], _ dataset: String) -> Table? {
    SystemTable(
      title: "rag · \(dataset)",
      columns: [
        Column(name: "recall@", title: "recall@", priority: 1),
        Column(name: "answer_f1", title: "answer F1", priority: 0),
        Column(name: "rouge_l", title: "ROUGE-L", priority: 5),
        Column(name: "retrieve_p50", title: "retrieve p50", priority: 3),
        Column(name: "retrieve_p99", title: "p99", priority: 7),
        Column(name: "ttft_p50", title: "TTFT p50", priority: 0), Column(name: "ttft_p99", title: "p99", priority: 2),
        Column(name: "tpot_p50", title: "TPOT p50", priority: 6),
        Column(name: "e2e_p50", title: "E2E p50", priority: 0), Column(name: "e2e_p95", title: "p95", priority: 8),
        Column(name: "e2e_p99", title: "p99", priority: 2),
        Column(name: "questions_per_second", title: "questions/s", priority: 0),
        Column(name: "output_tokens_per_second", title: "tokens/s", priority: 1),
        Column(name: "prefix_hit_share", title: "prefix hits", priority: 5, isShare: true, isJudged: false),
        Column(name: "cost_per_1000_questions", title: "cost of 1000", priority: 4),
        Column(name: "failed", title: "failed", priority: 3, isJudged: false),
      ], group: condition
    ).of(rows)
  }

  // MARK: Stages

  /// The middle of each stage in their order: what a question waits for.
  private static func stages(_ rows: [SystemRow], _ dataset: String) -> Table? {
    let measured = rows.filter { $0.record.failure == nil }
    let overhead = measured.compactMap { $0.value("null_e2e_p50") ?? $0.value("null_overhead_p50") }.max().map {
      "the harness adds at most \(HumanNumber.text($0, unit: "s")) to a question"
    }
    let medians = RagStage.allCases.map {
      Column(name: $0.p50, title: $0.title, priority: $0 == .plan ? 1 : 0, isJudged: $0 == .search)
    }
    let tails = RagStage.allCases.map {
      Column(
        name: $0.p99, title: "\($0.title) p99", priority: [.embed, .search, .firstToken].contains($0) ? 3 : 5,
        isJudged: $0 == .search)
    }
    return SystemTable(
      title: "rag · \(dataset) · stage waterfall",
      facts: ["medians, in the order of the stages"] + [overhead].compactMap { $0 },
      columns: [Column(name: "wait_p50", title: "wait", priority: 1, isJudged: false)] + medians + [
        Column(name: "e2e_p50", title: "E2E", priority: 0),
        Column(name: "wait_p99", title: "wait p99", priority: 5, isJudged: false),
      ] + tails, hasCaption: false, group: condition
    ).of(measured)
  }

  // MARK: Answers

  /// What is the same under any load: shown under the lightest.
  private static func answers(_ rows: [SystemRow], _ dataset: String) -> Table? {
    let some = SystemRow.atLightestLoad(rows).filter { $0.record.failure == nil }
    let isAlone = Set(rows.map(\.labels.loadName)).count > 1
    return SystemTable(
      title: "rag · \(dataset) · answers and their context",
      facts: isAlone ? [some.first?.labels.loadName ?? ""] : [],
      columns: [
        Column(name: "exact_match", title: "exact match", priority: 2),
        Column(name: "exact_match_best", title: "best", priority: 4),
        Column(name: "answer_f1", title: "F1", priority: 0, intervalPriority: 3),
        Column(name: "answer_f1_best", title: "best F1", priority: 1),
        Column(name: "rouge_l", title: "ROUGE-L", priority: 0),
        Column(name: "rouge_l_best", title: "best ROUGE-L", priority: 3),
        Column(name: "context_overlap", title: "in context", priority: 0, isShare: true),
        Column(name: "recall@", title: "recall@", priority: 1), Column(name: "mrr@", title: "MRR@", priority: 4),
        Column(name: "ndcg@", title: "nDCG@", priority: 3),
        Column(name: "precision@", title: "precision@", priority: 6),
        Column(name: "evidence_recall@", title: "evidence@", priority: 5),
        Column(name: "chunk_recall@", title: "chunks@", priority: 3),
        Column(name: "answers_changed", title: "changed", priority: 3, isShare: true, isJudged: false),
        Column(name: "passages", title: "passages", priority: 4, isJudged: false, isFact: true),
        Column(name: "cut_passages", title: "cut", priority: 3, isJudged: false, isFact: true),
        Column(name: "duplicate_passages", title: "duplicates", priority: 4, isJudged: false, isFact: true),
        Column(name: "context_tokens", title: "context tokens", priority: 4, isJudged: false, isFact: true),
        Column(name: "prompt_tokens", title: "prompt tokens", priority: 2, isJudged: false, isFact: true),
        Column(name: "output_tokens", title: "output tokens", priority: 2, isJudged: false, isFact: true),
        Column(name: "prefix_hit_share", title: "prefix hits", priority: 2, isShare: true, isJudged: false),
      ], hidden: isAlone ? Set(SystemLabels.loads) : [], hasCaption: false, group: { $0.labels.text("n") }
    ).of(some)
  }

  // MARK: Freshness

  /// How soon what was inserted while questions came was found.
  private static func freshness(_ rows: [SystemRow], _ dataset: String) -> Table? {
    SystemTable(
      title: "rag · \(dataset) · inserted while asking",
      columns: [
        Column(name: "freshness_p50", title: "found after p50", priority: 0),
        Column(name: "freshness_p99", title: "p99", priority: 0),
        Column(name: "freshness_max", title: "max", priority: 1),
        Column(name: "inserts_per_second", title: "inserts/s", priority: 0),
        Column(name: "unseen_inserts", title: "never found", priority: 0, isJudged: false),
        Column(name: "insert_latency_p50", title: "insert p50", priority: 1),
        Column(name: "insert_latency_p99", title: "p99", priority: 2),
        Column(name: "ttft_p50", title: "TTFT p50", priority: 2), Column(name: "ttft_p99", title: "p99", priority: 2),
        Column(name: "questions_per_second", title: "questions/s", priority: 2),
      ], hasCaption: false, group: condition
    ).of(rows.filter { $0.metric("freshness_p50") != nil && $0.record.failure == nil })
  }
}
