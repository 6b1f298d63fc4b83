import Foundation
import Statistics
import Testing

@Suite struct JudgedRankingTests {
  /// A question of `Goldens/retrieval.json`, which `Goldens/make.py` made with trec_eval's own code.
  private struct Golden: Decodable {
    var question: String
    var judgements: [String: Int]
    var found: [String: Double]
    var scores: [String: Double]

    static func all() throws -> [Golden] {
      let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Goldens/retrieval.json")
      return try JSONDecoder().decode([Golden].self, from: Data(contentsOf: file))
    }

    /// By trec_eval's rule.
    var ranking: [String] { found.sorted { ($0.value, $0.key) > ($1.value, $1.key) }.map(\.key) }
  }

  @Test func everyScoreIsThatOfTrecEval() throws {
    let goldens = try Golden.all()
    #expect(goldens.count == 48)
    var compared = 0
    for golden in goldens {
      let ranking = JudgedRanking(golden.ranking, judgements: golden.judgements)
      for (name, expected) in golden.scores {
        let parts = name.split(separator: "_")
        let cut = parts.last.flatMap { Int($0) } ?? 0
        let ours =
          switch parts.first {
          case "recall": ranking.recall(at: cut)
          case "P": ranking.precision(at: cut)
          case "success": ranking.success(at: cut)
          case "ndcg": ranking.nDCG(at: cut)
          case "mrr": ranking.reciprocalRank(at: cut)
          case "map": ranking.averagePrecision
          default: Double.nan
          }
        #expect(abs(ours - expected) < 1e-9, "\(golden.question) \(name): \(ours), trec_eval says \(expected)")
        compared += 1
      }
    }
    #expect(compared == 48 * 22)
  }

  @Test func aDocumentThatComesAgainCountsOnce() {
    let ranking = JudgedRanking(["b", "a", "a", "b", "c"], judgements: ["a": 1, "c": 2])
    #expect(ranking.grades == [0, 1, 2])
    #expect(ranking.precision(at: 2) == 0.5)
    #expect(ranking.averagePrecision == (1.0 / 2 + 2.0 / 3) / 2)
  }

  @Test func whereNothingIsRelevantAllScoresAreZero() {
    for ranking in [
      JudgedRanking(["a"], judgements: ["a": 0, "b": -1]), JudgedRanking([Int](), judgements: [:]),
      JudgedRanking([], judgements: [1: 1]),
    ] {
      #expect(ranking.recall(at: 10) == 0)
      #expect(ranking.precision(at: 10) == 0)
      #expect(ranking.nDCG(at: 10) == 0)
      #expect(ranking.reciprocalRank(at: 10) == 0)
      #expect(ranking.success(at: 10) == 0)
      #expect(ranking.averagePrecision == 0)
    }
  }
}
