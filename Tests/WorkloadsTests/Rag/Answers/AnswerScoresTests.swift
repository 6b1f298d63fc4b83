import Foundation
import Testing
import Workloads

@Suite struct AnswerScoresTests {
  /// A case of `Goldens/answers.json`, which `Goldens/make.py` made with Google's rouge_score and SQuAD's definition.
  private struct Golden: Decodable {
    var answer: String
    var references: [String]
    var context: [String]
    var exactMatch: Double
    var f1: Double
    var rougeL: Double
    var contextOverlap: Double?

    static func all() throws -> [Golden] {
      let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Goldens/answers.json")
      let decoder = JSONDecoder()
      decoder.keyDecodingStrategy = .convertFromSnakeCase
      return try decoder.decode([Golden].self, from: Data(contentsOf: file))
    }
  }

  @Test func everyScoreIsThatOfItsReference() throws {
    let goldens = try Golden.all()
    #expect(goldens.count == 76)
    for golden in goldens {
      let scores = AnswerScores(answer: golden.answer, references: golden.references, context: golden.context)
      #expect(scores.exactMatch == golden.exactMatch, "\(golden.answer)")
      expect(scores.f1, golden.f1, golden.answer)
      expect(scores.rougeL, golden.rougeL, golden.answer)
      expect(scores.contextOverlap, golden.contextOverlap, golden.answer)
    }
  }

  /// Sums in another order differ in the last bits.
  private func expect(_ score: Double?, _ golden: Double?, _ answer: String) {
    guard let score, let golden else {
      #expect(score == golden, "\(answer)")
      return
    }
    #expect(abs(score - golden) < 1e-12, "\(answer): \(score), not \(golden)")
  }

  @Test func withoutReferencesOnlyTheContextCounts() {
    let scores = AnswerScores(answer: "nlist clusters", references: [], context: ["the nlist"])
    #expect(scores.exactMatch == nil && scores.f1 == nil && scores.rougeL == nil)
    #expect(scores.contextOverlap == 0.5)
  }

  @Test func composedAndDecomposedSpellingsAreOneWord() {
    let scores = AnswerScores(answer: "cafe\u{301} noir", references: ["caf\u{E9} noir"], context: ["caf\u{E9}"])
    #expect(scores.exactMatch == 1 && scores.f1 == 1 && scores.contextOverlap == 0.5)
  }

  @Test func anAnswerOfFunctionWordsHasNoOverlap() {
    #expect(ContextWords(["it is what it is"]).overlap(of: "It is.") == nil)
    #expect(ContextWords([]).overlap(of: "vectors") == 0)
  }
}
