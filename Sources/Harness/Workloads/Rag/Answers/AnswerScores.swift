/// What an answer is worth that no judge has read: held against references, and against what the model was shown.
///
/// Ratios between 0 and 1. The references' own programs score a set of answers by the mean over its questions.
package struct AnswerScores: Sendable, Equatable {
  /// 1 where the answer is a reference, as SQuAD normalises them; nil without references.
  package var exactMatch: Double?
  /// Token F1 of SQuAD's `evaluate-v1.1`; nil without references.
  package var f1: Double?
  /// F-measure of ROUGE-L as Google's `rouge_score` has it without stemming; nil without references.
  package var rougeL: Double?
  /// Share of the answer's content words that stand in the context; nil for an answer without any.
  package var contextOverlap: Double?

  /// - Parameters:
  ///   - references: of several, the one that suits the answer best counts, for each score by itself.
  ///   - context: the passages as they stand in the prompt.
  /// - Complexity: O(words of the answer × words of the references).
  package init(answer: String, references: [String], context: [String]) {
    self.init(answer: answer, references: references, context: ContextWords(context))
  }

  /// For several answers from one context, whose words are taken apart once.
  package init(answer: String, references: [String], context: ContextWords) {
    exactMatch = references.map { ExactMatch.score(answer, reference: $0) }.max()
    f1 = references.map { TokenF1.score(answer, reference: $0) }.max()
    rougeL = references.map { RougeL.score(answer, reference: $0) }.max()
    contextOverlap = context.overlap(of: answer)
  }
}
