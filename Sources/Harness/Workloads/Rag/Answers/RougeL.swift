/// F-measure over the longest common subsequence of words (Lin, "ROUGE", 2004), as Google's `rouge_score` computes `rougeL`
/// without stemming: the whole text is one sequence.
package enum RougeL {
  /// 0 where one of them has no words.
  ///
  /// - Complexity: O(words of one × words of the other) time, O(words of the reference) memory.
  package static func score(_ answer: String, reference: String) -> Double {
    var numbers: [Substring: Int] = [:]
    func numbered(_ text: String) -> [Int] {
      AnswerWords.rouge(text).map { word in
        let number = numbers[word] ?? numbers.count
        numbers[word] = number
        return number
      }
    }
    let answer = numbered(answer)
    let reference = numbered(reference)
    return FMeasure.of(
      shared: commonSubsequence(answer, reference), answer: answer.count, reference: reference.count)
  }

  /// Length of the longest one, by a single row of the usual table.
  private static func commonSubsequence(_ first: [Int], _ second: [Int]) -> Int {
    var row = [Int](repeating: 0, count: second.count + 1)
    for word in first {
      var diagonal = 0
      for (column, other) in second.enumerated() {
        let above = row[column + 1]
        row[column + 1] = word == other ? diagonal + 1 : max(above, row[column])
        diagonal = above
      }
    }
    return row[second.count]
  }
}
