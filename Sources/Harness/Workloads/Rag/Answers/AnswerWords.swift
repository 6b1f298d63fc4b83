/// What counts as a word: each score has its own reference's notion of it. Composed and decomposed spellings are one word, as
/// Swift compares texts; the references, which compare code points, would call them two.
enum AnswerWords {
  /// Lower case, without ASCII punctuation (what it joined becomes one word), without the articles "a", "an" and "the", split
  /// at white space. An article ends where word characters do, so that a "the" before a typographic quote goes too.
  static func squad(_ text: String) -> [Substring] {
    var scalars = String.UnicodeScalarView()
    var run = String.UnicodeScalarView()
    func endRun() {
      if articles.contains(String(run)) {
        scalars.append(" ")
      } else {
        scalars.append(contentsOf: run)
      }
      run = String.UnicodeScalarView()
    }
    for scalar in lowercased(text).unicodeScalars where !isPunctuation(scalar) {
      if isLetterOrNumber(scalar) {
        run.append(scalar)
      } else {
        endRun()
        scalars.append(scalar)
      }
    }
    endRun()
    return scalars.split(whereSeparator: isSpace).map(Substring.init)
  }

  /// Lower case; runs of ASCII letters and digits, and nothing else.
  static func rouge(_ text: String) -> [Substring] {
    lowercased(text).unicodeScalars.split { !("a"..."z" ~= $0 || "0"..."9" ~= $0) }.map(Substring.init)
  }

  /// Lower case; runs of letters, digits and the marks upon them, of any script, that are no function words of English.
  static func content(_ text: String) -> [Substring] {
    lowercased(text).unicodeScalars.split { !isLetterOrNumber($0) && !isMark($0) }.map(Substring.init)
      .filter { !functionWords.contains($0) }
  }

  /// A sigma that ends a word is "ς", as Unicode's special casing and the references have it; Swift's own lower case knows no
  /// context.
  private static func lowercased(_ text: String) -> String {
    guard text.unicodeScalars.contains("Σ") else { return text.lowercased() }
    let scalars = Array(text.unicodeScalars)
    var result = ""
    for (place, scalar) in scalars.enumerated() {
      let isFinal =
        scalar == "Σ"
        && scalars[..<place].last { !$0.properties.isCaseIgnorable }?.properties.isCased == true
        && scalars[(place + 1)...].first { !$0.properties.isCaseIgnorable }?.properties.isCased != true
      result += isFinal ? "ς" : scalar.properties.lowercaseMapping
    }
    return result
  }

  private static let articles: Set = ["a", "an", "the"]

  private static func isPunctuation(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case "!"..."/", ":"..."@", "["..."`", "{"..."~": true
    default: false
    }
  }

  private static func isLetterOrNumber(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter: true
    default: scalar.properties.numericType != nil
    }
  }

  private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark: true
    default: false
    }
  }

  /// Python's notion, after which the references split: Unicode's, and the four separators of ASCII.
  private static func isSpace(_ scalar: Unicode.Scalar) -> Bool {
    scalar.properties.isWhitespace || "\u{1C}"..."\u{1F}" ~= scalar
  }

  /// Articles, pronouns, prepositions, conjunctions, auxiliaries, and what contractions leave behind.
  private static let functionWords: Set<Substring> = Set(
    """
    a an the this that these those such both each every either neither any some all no not nor none other another same own
    i me my mine we us our ours you your yours he him his she her hers it its they them their theirs who whom whose which
    what where when why how there here
    of in on at by for with from to into onto over under up down out off about above below between among through during
    before after since until within without against as than like per via
    and or but if so because while although though whether then also too only just very more most less least much many
    be am is are was were been being do does did doing done have has had having will would shall should can could may might
    must ought cannot
    s t re ve ll d m don doesn didn isn aren wasn weren won wouldn shouldn couldn can hasn haven hadn
    """.split { $0 == " " || $0 == "\n" })
}
