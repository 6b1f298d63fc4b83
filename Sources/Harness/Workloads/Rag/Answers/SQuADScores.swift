/// Whether two texts are one, as SQuAD normalises them (Rajpurkar et al., EMNLP 2016, `evaluate-v1.1.py`).
package enum ExactMatch {
  package static func score(_ answer: String, reference: String) -> Double {
    AnswerWords.squad(answer) == AnswerWords.squad(reference) ? 1 : 0
  }
}

/// F1 over the words that two texts share, each as often as both have it (SQuAD's `evaluate-v1.1.py`).
package enum TokenF1 {
  /// Two texts without words share none, and score 0 although they match exactly: so does version 1.1.
  package static func score(_ answer: String, reference: String) -> Double {
    let answer = AnswerWords.squad(answer)
    let reference = AnswerWords.squad(reference)
    var left = Dictionary(reference.map { ($0, 1) }, uniquingKeysWith: +)
    var shared = 0
    for word in answer {
      guard let count = left[word], count > 0 else { continue }
      left[word] = count - 1
      shared += 1
    }
    return FMeasure.of(shared: shared, answer: answer.count, reference: reference.count)
  }
}

/// The harmonic mean of precision and recall.
enum FMeasure {
  static func of(shared: Int, answer: Int, reference: Int) -> Double {
    guard shared > 0 else { return 0 }
    let precision = Double(shared) / Double(answer)
    let recall = Double(shared) / Double(reference)
    return 2 * precision * recall / (precision + recall)
  }
}
