/// The words of the passages that a model was shown.
///
/// What an answer takes from them measures grounding without a judge: K-precision of Adlakha et al., "Evaluating Correctness
/// and Faithfulness of Instruction-Following Models for Question Answering" (TACL 2024), over content words alone, since
/// "the" and "of" stand in every passage.
package struct ContextWords: Sendable {
  private let words: Set<Substring>

  package init(_ passages: [String]) {
    words = passages.reduce(into: []) { $0.formUnion(AnswerWords.content($1)) }
  }

  /// Share of the answer's content words, each as often as it occurs, that are among these; nil for an answer without any.
  package func overlap(of answer: String) -> Double? {
    let answer = AnswerWords.content(answer)
    guard !answer.isEmpty else { return nil }
    return Double(answer.count { words.contains($0) }) / Double(answer.count)
  }
}
