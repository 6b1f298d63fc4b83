internal import Foundation
internal import Kernels

/// Seeded token ids that stand in for texts where a model's activations have to be seen: half of them drawn evenly from the
/// vocabulary, half as unevenly as words are (vocabularies are roughly in the order of frequency). Ranges that were measured
/// on such texts served glosses, paragraphs, code and many scripts as well as ranges measured on texts of those kinds.
struct CalibrationTexts {
  private(set) var ids: [Int32] = []
  private(set) var offsets = [0]

  /// - Parameters:
  ///   - tokens: how many in all, about.
  ///   - longest: tokens of a text, at least 3.
  ///   - frame: ids of the empty text; half of them go before each text, half behind.
  init(tokens: Int, vocabulary: Int, longest: Int, frame: [Int32], seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let first = frame.prefix(frame.count / 2)
    let last = frame.suffix(frame.count - frame.count / 2)
    let room = max(1, min(128, longest) - frame.count)
    let common = log(max(2, Double(vocabulary) / 32))
    let rarest = log(Double(vocabulary))
    while ids.count < tokens {
      let even = offsets.count.isMultiple(of: 2)
      let length = Int(exp(Double.random(in: 0...log(Double(room)), using: &random)))
      ids += first
      for _ in 0..<length {
        let place =
          even
          ? Double.random(in: 0..<Double(vocabulary), using: &random)
          : exp(Double.random(in: min(common, rarest)...rarest, using: &random))
        ids.append(Int32(min(vocabulary - 1, Int(place))))
      }
      ids += last
      offsets.append(ids.count)
    }
  }
}
