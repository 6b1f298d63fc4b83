/// How much memory the outputs of a request save by sharing the blocks of its prompt, worked out from lengths alone.
///
/// Of a prompt of p tokens, ⌊p/B⌋ blocks are full and stay shared; the last, if it is not full, is copied as soon as an output
/// writes into it. With m outputs still growing, each of which has t tokens, sharing spares (m − 1)⌊p/B⌋ of m⌈(p + t)/B⌉
/// blocks. The share is summed over all tokens of all requests, as if every step took equally long and every request ran
/// alone (section 6.3 of the PagedAttention paper, arXiv 2309.06180, counts the same of its runs).
package enum SharingCurve {
  /// Blocks saved over blocks that would be needed without sharing, 0 for single outputs.
  ///
  /// - Complexity: O(outputs × their lengths).
  package static func savedShare(of requests: [OfflineRequest], blockSize: Int) -> Double {
    var (saved, needed) = (0, 0)
    for request in requests {
      let prompt = request.prompt.count
      let lengths = request.outputLengths.sorted(by: >)
      for length in 1...max(1, lengths.first ?? 1) {
        let growing = lengths.prefix { $0 >= length }.count
        saved += max(0, growing - 1) * (prompt / blockSize)
        needed += growing * ((prompt + length + blockSize - 1) / blockSize)
      }
    }
    return needed > 0 ? Double(saved) / Double(needed) : 0
  }
}
