internal import Documents
internal import RunStore
internal import Statistics

/// What a pass found, held against the judgements: a series of values over the questions for each metric.
struct RetrievalScores {
  private(set) var series: [String: Samples] = [:]
  static let worstCount = 10

  /// - Parameter ks: rising; MRR and nDCG are cut at the last.
  init(_ pass: DocumentSearch.Pass, corpus: JudgedCorpus, chunked: ChunkedCorpus, ks: [Int]) {
    let last = ks.last ?? RetrieveSection.defaultK
    let rankings = zip(pass.rankings, corpus.questions).map { ranking, question in
      JudgedRanking(ranking.map { corpus.documents[$0].id }, judgements: question.judgements)
    }
    func add(_ name: String, _ score: (JudgedRanking) -> Double) { series[name] = .double(rankings.map(score)) }
    for k in ks {
      add("recall@\(k)") { $0.recall(at: k) }
      add("precision@\(k)") { $0.precision(at: k) }
    }
    add("success@1") { $0.success(at: 1) }
    add("mrr@\(last)") { $0.reciprocalRank(at: last) }
    add("ndcg@\(last)") { $0.nDCG(at: last) }
    add("map", \.averagePrecision)

    let evident = corpus.questions.indices.filter { !corpus.questions[$0].evidence.isEmpty }
    if !evident.isEmpty {
      for k in ks {
        series["evidence_recall@\(k)"] = .double(
          evident.map { question in
            let isFound = pass.chunks[question].prefix(k).contains { chunk in
              corpus.questions[question].evidence.contains { chunked.holds(chunk, $0, in: corpus) }
            }
            return isFound ? 1 : 0
          })
      }
    }
    let gains = rankings.map { $0.nDCG(at: last) }
    series["worst_questions"] = .int64(
      gains.indices.filter { gains[$0] < 1 }.sorted { (gains[$0], $0) < (gains[$1], $1) }.prefix(Self.worstCount)
        .map(Int64.init))
    series["first_documents"] = .int64(pass.rankings.map { $0.first.map(Int64.init) ?? -1 })
  }

  /// Whether a series of this name is a metric's.
  static func isQuality(_ name: String) -> Bool {
    name == "map"
      || ["recall@", "precision@", "success@", "mrr@", "ndcg@", "evidence_recall@"].contains { name.hasPrefix($0) }
  }
}
