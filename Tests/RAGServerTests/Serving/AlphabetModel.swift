import Generation
import Synchronization
import Tokenizers

/// A model that says the letter of each place: "a" at 0, "b" at 1, … and ends never.
final class AlphabetExecutor: ModelExecutor {
  static let vocabularySize = 257

  private var values: [Float] = []
  private let beforeStep: @Sendable () throws -> Void

  /// - Parameter beforeStep: may wait, so that a test sees requests under way, or throw.
  init(beforeStep: @escaping @Sendable () throws -> Void = {}) { self.beforeStep = beforeStep }

  static func letter(at place: Int) -> UInt8 { UInt8(ascii: "a") + UInt8(place % 26) }

  /// What it says behind a prompt of so many tokens.
  static func text(after prompt: Int, count: Int) -> String {
    String(decoding: (prompt..<prompt + count).map(letter), as: UTF8.self)
  }

  func execute(_ step: ScheduledStep) throws -> ExecutedStep {
    try beforeStep()
    let runs = step.runs.filter { !$0.samples.isEmpty }
    values = Array(repeating: 0, count: runs.count * Self.vocabularySize)
    for (row, run) in runs.enumerated() {
      values[row * Self.vocabularySize + Int(Self.letter(at: run.start + run.tokens.count))] = 60
    }
    return values.withUnsafeMutableBufferPointer {
      // The array is left alone until the next step.
      ExecutedStep(
        logits: LogitRows(
          values: $0, rows: runs.count, stride: Self.vocabularySize, vocabularySize: Self.vocabularySize))
    }
  }
}

/// A token for each byte.
struct BytesTokenizer: Tokenizer {
  var vocabularySize: Int { AlphabetExecutor.vocabularySize }

  func encode(_ text: String, addSpecialTokens: Bool) -> Encoding {
    var encoding = Encoding()
    encoding.ids = text.utf8.map { Int32($0) }
    return encoding
  }

  func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String {
    String(decoding: ids.compactMap { UInt8(exactly: $0) }, as: UTF8.self)
  }
}
