internal import Documents
internal import Files
internal import Spelling
internal import Statistics

/// Text of a stated size, for measuring what text costs: Markdown of words by Zipf's law, one in fifty with an accent.
///
/// The same seed gives the same bytes on every machine. Sources are written `synthetic-text:bytes=10000000,documents=1,seed=42`.
struct SyntheticText {
  static let prefix = "synthetic-text"

  private var bytes = 10_000_000
  private var documents = 1
  private var seed: UInt64 = 42

  /// - Throws: `DataError.invalid`, naming the parameter that is unknown or makes no sense.
  init(parsing source: String) throws {
    let text: SpecificationText
    do {
      text = try SpecificationText(source)
    } catch {
      throw DataError.invalid("synthetic text: \(error)")
    }
    let names = ["bytes", "documents", "seed"]
    for (name, value) in text.parameters {
      guard names.contains(name) else {
        throw DataError.invalid("synthetic text has no parameter '\(name)'; \(Spelling.hint(for: name, among: names))")
      }
      guard let number = Int(value), number >= (name == "seed" ? 0 : 1), number <= 1 << 40 else {
        throw DataError.invalid(
          "synthetic text: \(name) needs an integer of at least \(name == "seed" ? 0 : 1), not '\(value)'")
      }
      switch name {
      case "bytes": bytes = number
      case "documents": documents = number
      default: seed = UInt64(number)
      }
    }
    guard documents <= bytes else {
      throw DataError.invalid("synthetic text: \(documents) documents need at least as many bytes, not \(bytes)")
    }
  }

  func corpus() -> Corpus {
    var random = SplitMix64(seed: seed)
    let words = Vocabulary(&random)
    let texts = (0..<documents).map { number in
      let size = bytes / documents + (number < bytes % documents ? 1 : 0)
      return Document(
        id: "\(number)", text: Self.text(of: size, words, &random), source: Self.prefix, mimeType: "text/markdown")
    }
    return Corpus(name: Self.prefix, documents: texts)
  }

  /// Sections of a heading and a few paragraphs; exactly `size` bytes, filled up with full stops.
  private static func text(of size: Int, _ words: Vocabulary, _ random: inout SplitMix64) -> String {
    var output: [UInt8] = []
    output.reserveCapacity(size + 1 << 12)
    while output.count < size {
      output += Array("## ".utf8)
      append(Int.random(in: 2...6, using: &random), of: words, to: &output, &random)
      output += [0x0A, 0x0A]
      for _ in 0..<Int.random(in: 1...5, using: &random) {
        for _ in 0..<Int.random(in: 2...7, using: &random) {
          append(Int.random(in: 4...25, using: &random), of: words, to: &output, &random)
          output += Array(". ".utf8)
        }
        output[output.count - 1] = 0x0A
        output.append(0x0A)
      }
    }
    var end = size
    while end > 0, end < output.count, output[end] & 0xC0 == 0x80 { end -= 1 }
    output.removeSubrange(end...)
    output += repeatElement(UInt8(ascii: "."), count: size - end)
    return String(decoding: output, as: UTF8.self)
  }

  private static func append(
    _ count: Int, of words: Vocabulary, to output: inout [UInt8], _ random: inout SplitMix64
  ) {
    for place in 0..<count {
      if place > 0 { output.append(0x20) }
      let start = output.count
      output += words.draw(&random)
      if place == 0, output[start] >= UInt8(ascii: "a") { output[start] -= 0x20 }
    }
  }

  /// Words of two to eleven letters; the nth is drawn about 1/n as often as the first.
  private struct Vocabulary {
    private var words: [[UInt8]] = []
    private var sums: [UInt64] = []

    init(_ random: inout SplitMix64) {
      let letters = Array("etaoinshrdlucmfwypvbgkqjxz".utf8)
      var sum: UInt64 = 0
      for rank in 0..<5_000 {
        let length = Int.random(in: 2...(rank < 100 ? 5 : 11), using: &random)
        var word = (0..<length).map { _ in
          // Towards the front of the list, where the frequent letters are.
          letters[min(Int.random(in: 0..<26, using: &random), Int.random(in: 0..<26, using: &random))]
        }
        if rank % 50 == 49 { word += Array("é".utf8) }
        words.append(word)
        sum += (1 << 32) / UInt64(rank + 1)
        sums.append(sum)
      }
    }

    func draw(_ random: inout SplitMix64) -> [UInt8] {
      let number = UInt64.random(in: 0..<sums[sums.count - 1], using: &random)
      var (low, high) = (0, sums.count - 1)
      while low < high {
        let middle = (low + high) / 2
        if number < sums[middle] { high = middle } else { low = middle + 1 }
      }
      return words[low]
    }
  }
}
