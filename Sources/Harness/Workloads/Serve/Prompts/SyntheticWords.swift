internal import Statistics
internal import Tokenizers

/// Texts of random English words, each of which is one token of nearly every model's vocabulary; where a tokenizer is there, of
/// those that are one of its.
struct SyntheticWords: Sendable {
  /// All words behind one another, each with the blank before it: texts are made while a load runs.
  private let bytes: [UInt8]
  /// Of each word in `bytes`.
  private let places: [Range<Int>]
  private let tokenizer: (any Tokenizer)?
  /// Tokens that a tokenizer puts around a text.
  private let added: Int
  /// Whether k words are k tokens for certain.
  let isExact: Bool

  init(tokenizer: (any Tokenizer)?) {
    self.tokenizer = tokenizer
    guard let tokenizer else {
      (added, isExact) = (0, false)
      (bytes, places) = Self.spelled(Self.common)
      return
    }
    func count(_ text: String) -> Int { tokenizer.encode(text, addSpecialTokens: false).ids.count }
    added = tokenizer.encode("", addSpecialTokens: true).ids.count
    // At the beginning of a text, and behind another word.
    let single = Self.common.filter { count($0) == 1 && count("the \($0)") == count("the") + 1 }
    isExact = single.count >= Self.fewest && count(single.joined(separator: " ")) == single.count
    (bytes, places) = Self.spelled(isExact ? single : Self.common)
  }

  private static func spelled(_ words: [String]) -> (bytes: [UInt8], places: [Range<Int>]) {
    var bytes: [UInt8] = []
    let places = words.map { word in
      let first = bytes.count
      bytes += " \(word)".utf8
      return first..<bytes.count
    }
    return (bytes, places)
  }

  /// Enough for texts that differ from their first words on.
  private static let fewest = 32

  /// The text of `count` words: the same for the same stream, and for more words with the same beginning.
  func text(_ count: Int, stream: UInt64) -> String {
    var random = SplitMix64(seed: stream)
    var text: [UInt8] = []
    text.reserveCapacity(count * Self.usualBytes)
    for _ in 0..<count {
      text += bytes[places[Int(truncatingIfNeeded: random.next().multipliedFullWidth(by: UInt64(places.count)).high)]]
    }
    return String(decoding: text.dropFirst(), as: UTF8.self)
  }

  /// Of a word with its blank, and a few more.
  private static let usualBytes = 6

  /// What is known of lengths before any server has counted.
  var lengths: PromptLengths {
    var lengths = PromptLengths(isExact: isExact, added: added)
    if let tokenizer, !isExact {
      for count in Self.sampled {
        lengths.learn(
          words: count, tokens: tokenizer.encode(text(count, stream: UInt64(count)), addSpecialTokens: true).ids.count)
      }
    }
    return lengths
  }

  /// Lengths by which a tokenizer is learnt that has no token for a word.
  private static let sampled = [16, 64, 256]

  /// Of the most frequent in English, without those that are also parts of many others.
  private static let common = """
    the and for are but not you all any can had her was one our out day get has him his how man new now old see two way who \
    boy did its let put say she too use about after again air also America animal another answer around asked back because \
    been before began being below between book both boys came carry change children city close come could country cut does \
    done door down each earth eat end enough even ever every example eyes face family far father feet few find first follow \
    food form found four from gave girl give good got great group grow hand hard have head hear help here high home house \
    idea important into just keep kind knew know land large last later learn leave left letter life light like line list \
    little live long look made make many may mean men might miles more most mother mountain move much must name near need \
    never next night number often once only open order other over own page paper part people picture place plan plant play \
    point read really right river room run said same saw school sea second seem sentence set should show side small some \
    something sometimes soon sound state still stop story study such take talk tell than that their them then there these \
    they thing think this those thought three through time together told took top tree tried true try turn under until very \
    walk want watch water well went were what when where which while white why will with without word work world would write \
    year young
    """.split(separator: " ").map(String.init)
}
