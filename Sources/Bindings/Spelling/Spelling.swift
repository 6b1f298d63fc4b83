/// Suggestions for misspelt words.
package enum Spelling {
  /// The word with the smallest edit distance, if at most a third of the letters differ.
  ///
  /// - Complexity: O(letters of `word` × letters of `known`).
  package static func nearest(to word: String, among known: [String]) -> String? {
    known.map { ($0, distance(word, $0)) }
      .filter { $0.1 * 3 <= max(word.count, 3) }
      .min { $0.1 < $1.1 }?.0
  }

  /// What to say after "unknown …": the nearest word, or all of them where none is near.
  package static func hint(for word: String, among known: [String]) -> String {
    if let near = nearest(to: word, among: known) { return "did you mean '\(near)'?" }
    return "known here: \(known.joined(separator: ", "))"
  }

  /// Insertions, deletions, substitutions and swaps of neighbours: the optimal string alignment distance.
  private static func distance(_ a: String, _ b: String) -> Int {
    let (a, b) = (Array(a), Array(b))
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in a.indices {
      var row = [i + 1]
      for j in b.indices {
        var cost = min(last[j] + (a[i] == b[j] ? 0 : 1), last[j + 1] + 1, row[j] + 1)
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
        row.append(cost)
      }
      (before, last) = (last, row)
    }
    return last[b.count]
  }
}
