import Foundation

/// One question's ranking held against its judgements, scored as trec_eval scores it.
///
/// The order that is given is the order that counts. trec_eval makes it from scores: falling, and among equal scores by
/// falling id; an engine's own order is taken as it comes. A document is relevant from grade 1 on; one without a judgement
/// is not. Every score is 0 where nothing is relevant, as in trec_eval: leave such questions out, or they pull the mean
/// down. Source: trec_eval 9 (m_recall.c, m_P.c, m_map.c, m_ndcg_cut.c, m_success.c, m_recip_rank.c).
public struct JudgedRanking: Sendable, Equatable {
  /// Grades by rank, 0 where a document is not relevant.
  public let grades: [Int]
  /// Grades of every relevant document, found or not, the best first.
  public let ideal: [Int]

  /// - Parameters:
  ///   - ranking: ids from the best down; one that comes again counts at its first place alone.
  ///   - judgements: id → grade.
  public init<ID: Hashable>(_ ranking: [ID], judgements: [ID: Int]) {
    var seen: Set<ID> = []
    grades = ranking.filter { seen.insert($0).inserted }.map { max(judgements[$0] ?? 0, 0) }
    ideal = judgements.values.filter { $0 > 0 }.sorted(by: >)
  }

  /// Relevant documents among the first `k`, of all that there are.
  public func recall(at k: Int) -> Double {
    ideal.isEmpty ? 0 : Double(found(in: k)) / Double(ideal.count)
  }

  /// Relevant documents among the first `k`, of `k`: a ranking that is shorter loses by it.
  public func precision(at k: Int) -> Double { k > 0 ? Double(found(in: k)) / Double(k) : 0 }

  /// 1 if any of the first `k` is relevant, else 0.
  public func success(at k: Int) -> Double { found(in: k) > 0 ? 1 : 0 }

  /// 1 / rank of the first relevant document, 0 if none is among the first `k`.
  public func reciprocalRank(at k: Int) -> Double {
    grades.prefix(k).firstIndex { $0 > 0 }.map { 1 / Double($0 + 1) } ?? 0
  }

  /// Discounted gain of the first `k` over that of the best possible ranking: the grade itself is the gain, and rank r
  /// divides it by log₂(r + 1). Source: Järvelin and Kekäläinen, "Cumulated gain-based evaluation of IR techniques", 2002.
  public func nDCG(at k: Int) -> Double {
    let best = Self.discountedGain(ideal.prefix(k))
    return best > 0 ? Self.discountedGain(grades.prefix(k)) / best : 0
  }

  /// The mean, over all relevant documents, of the precision at the rank of each; 0 for those that are not found.
  public var averagePrecision: Double {
    var found = 0
    var sum = 0.0
    for (rank, grade) in grades.enumerated() where grade > 0 {
      found += 1
      sum += Double(found) / Double(rank + 1)
    }
    return ideal.isEmpty ? 0 : sum / Double(ideal.count)
  }

  private func found(in k: Int) -> Int { grades.prefix(k).count { $0 > 0 } }

  private static func discountedGain(_ grades: ArraySlice<Int>) -> Double {
    grades.enumerated().map { Double($1) / log2(Double($0 + 2)) }.reduce(0, +)
  }
}
