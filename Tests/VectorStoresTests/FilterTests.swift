import Statistics
import Testing
import VectorStores

@Suite struct FilterTests {
  private static let row: [String: FieldValue] = [
    "year": .integer(2023), "score": .number(0.5), "lang": .string("Swift"), "path": .string("docs/100%/a_b.md"),
    "draft": .bool(false), "none": .null, "big": .integer(9_007_199_254_740_993),
    "meta": .object([
      "a": .object(["b": .integer(7)]), "tags": .array([.string("x"), .integer(2)]), "q\"": .integer(1),
    ]),
  ]

  private static func matches(_ filter: String, key: PrimaryKey = .integer(42)) throws -> Bool {
    try Filter(filter).matches(key: key, fields: row)
  }

  @Test(arguments: [
    "year == 2023", "year != 2022", "year < 2024", "year <= 2023", "year > 2022.5", "year >= 2023.0", "2022 < year",
    "2022 < year <= 2023", "score == .5", "score == 5e-1", "lang == 'Swift'", "lang != \"C\"", "lang > 'C'",
    "lang == 'Swi\\u0066t'", "id == 42", "id in [1, 42]", "id not in []", "year in [2023.0]",
    "lang in ['C', \"Swift\"]",
    "not (year == 1)", "!(year == 1)", "year == 1 or lang == 'Swift'", "year == 1 || lang == 'Swift'",
    "year == 2023 && lang == 'Swift' and id > 0", "year == 1 and year == 2 or id == 42", "draft == false", "not draft",
    "!draft", "draft != true", "true", "lang like 'Sw%'", "lang like '%ift'", "lang like '%wif%'", "lang like 'S%t'",
    "lang like 'S___t'", "lang like '%'", "lang not like 'C%'", "path like '%100\\%/%'", "path like '%a\\_b%'",
    "meta[\"a\"][\"b\"] == 7", "$meta['year'] == 2023", "$meta[\"meta\"]['a'][\"b\"] == 7", "meta['tags'][0] == 'x'",
    "meta['tags'][1] in [2]", "meta['q\\\"'] == 1", "year + 1 == 2024", "year - 3 * 4 == 2011",
    "(year - 3) * 2 == 4040",
    "year / 2 == 1011", "year % 5 == 3", "-year == -2023", "score * 2 == 1", "1 / 2.0 == score",
    "YEAR == 1 OR year == 2023",
    "year IN [2023] AND NOT draft", "lang != 5", "year != 'x'", "none == 1 or year == 2023", "big == 9007199254740993",
    "big != 9007199254740992.0", "meta['tags'] != 3", "- - 1 == 1", "year > -9223372036854775808",
  ])
  func holds(filter: String) throws { #expect(try Self.matches(filter)) }

  @Test(arguments: [
    "year == 2022", "year > '2000'", "lang > 5", "lang == 5", "missing == 1", "missing != 1", "not (missing == 1)",
    "missing in [1]", "missing not in [1]", "missing like '%'", "missing not like 'a'", "none == 1", "none != 1",
    "not missing", "missing", "lang", "year like '2%'", "lang like 'swift'", "lang like 'Swif'", "lang like 'S__t'",
    "path like '%100%%/b%'", "meta['tags'][2] == 2", "meta['tags']['x'] == 1", "lang['x'] == 1", "meta == 1",
    "year / 0 == 1", "year % 0 == 1", "big * big > 0", "year + lang == 1", "false", "id in []", "year == true",
    "big == 9007199254740992.0", "2023 < year < 2025", "id == '42'",
  ])
  func doesNotHold(filter: String) throws { #expect(try !Self.matches(filter)) }

  @Test func stringKeys() throws {
    #expect(try Self.matches("id like 'doc-%'", key: .string("doc-1")))
    #expect(try Self.matches("id in ['doc-1']", key: .string("doc-1")))
    #expect(try !Self.matches("id > 3", key: .string("doc-1")))
  }

  /// Every refusal names the column, counted in Unicode scalars, and what was expected there.
  @Test(arguments: [
    ("", 1, "expected a field or a value, not the end"),
    ("   ", 4, "expected a field or a value, not the end"),
    ("year + 1", 1, "expected a condition such as year > 2020"),
    ("year ==", 8, "expected a field or a value, not the end"),
    ("year = 3", 6, "'=' compares nothing; write '=='"),
    ("year == 3 3", 11, "expected 'and', 'or' or the end, not 3"),
    ("year 3", 6, "expected an operator such as ==, in or like, not 3"),
    ("(year == 3", 11, "expected ')', not the end"),
    ("year == 3)", 10, "expected 'and', 'or' or the end, not ')'"),
    ("year in 3", 9, "expected a list such as [1, 2], not 3"),
    ("year in [1", 11, "expected ',' or ']', not the end"),
    ("year in [1,]", 12, "expected a value of the list, not ']'"),
    ("year in [a]", 10, "expected a value of the list, not 'a'"),
    ("year in [-'a']", 11, "expected a number, not the string \"a\""),
    ("lang like 3", 11, "expected a string such as \"docs/%\", not 3"),
    ("lang not 3", 10, "expected 'in' or 'like' after 'not', not 3"),
    ("lang == 'é日", 9, "the string has no closing '"),
    ("'é日' == 'x' $", 13, "expected 'and', 'or' or the end, not '$'"),
    ("lang == 'a\\q'", 12, "no escape is called '\\q'"),
    ("lang == '\\u12'", 12, "expected four hexadecimal digits"),
    ("a == 1 & b == 2", 8, "'&' joins nothing"),
    ("a == 1 | b == 2", 8, "'|' joins nothing"),
    ("a # 1", 3, "'#' begins neither a field, a value nor an operator"),
    ("a == 1e", 8, "expected a digit in the exponent"),
    ("a == 1e999", 6, "the number 1e999 is beyond 64 bits"),
    ("a == 12x", 8, "expected an operator or the end after a number"),
    ("a[", 3, "expected a name such as \"a\" or a place such as 0, not the end"),
    ("a['x'", 6, "expected ']', not the end"),
    ("$meta == 1", 7, "expected '[' and a field's name after $meta"),
    ("$meta[0] == 1", 7, "expected a field's name"),
    ("(a == 1) == (b == 1)", 1, "expected a value, not a condition"),
    ("a == 1 and 3", 12, "expected a condition"),
    ("not 3", 5, "expected a condition"),
    ("'a' + 1 == 2", 1, "expected a number or a field to calculate with"),
  ])
  func refusals(filter: String, column: Int, reason: String) throws {
    let error = #expect(throws: VectorStoreError.self) { try Filter(filter) }
    guard case .invalidFilter(let text, let at, let said) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(text == filter)
    #expect(at == column, "\(said)")
    #expect(said.hasPrefix(reason) || said.contains(reason), "\(said)")
  }

  @Test func depthIsRefusedAndNotDied() {
    for (opening, closing) in [("(", ")"), ("not ", ""), ("!", ""), ("-", ""), ("a + ", ""), ("a + (", ")")] {
      let filter =
        String(repeating: opening, count: 100_000) + "a == 1" + String(repeating: closing, count: 100_000)
      #expect(throws: VectorStoreError.self) { try Filter(filter) }
    }
    #expect(throws: Never.self) { try Filter(Array(repeating: "a == 1", count: 50_000).joined(separator: " or ")) }
  }

  /// Printed and read back, a filter means what it meant.
  @Test func evaluationEqualsAnIndependentOne() throws {
    let seed: UInt64 = 31
    var random = SplitMix64(seed: seed)
    var matched = 0
    for round in 0..<4000 {
      let drawn = RandomFilter.draw(&random)
      let filter = try Filter(drawn.description)
      for _ in 0..<5 {
        let fields = RandomFilter.fields(&random)
        let key: PrimaryKey =
          Bool.random(using: &random)
          ? .integer(Int64.random(in: -2...2, using: &random))
          : .string(RandomFilter.words.randomElement(using: &random) ?? "")
        let expected = drawn.truth(key, fields) == true
        matched += expected ? 1 : 0
        #expect(
          filter.matches(key: key, fields: fields) == expected,
          "seed \(seed), round \(round): \(drawn) on \(key), \(FieldValue.object(fields).json)")
      }
    }
    #expect(matched > 2000)
  }

  /// Whatever is thrown at the parser, it reads or refuses, with a column that is there.
  @Test func theParserNeverTraps() {
    let seed: UInt64 = 32
    var random = SplitMix64(seed: seed)
    let pieces = [
      "a", "id", "$meta", "[", "]", "(", ")", "==", "!=", "<", ">=", "and", "or", "not", "in", "like", "true", "1", "-",
      "2.5e3",
      "'x'", "\"%a\\%\"", ",", "+", "%", "*", "/", "!", "&&", "||", "é", "\\", "'", "\"", ".", "e", " ", "\u{0}",
      "\u{301}", "=",
    ]
    for _ in 0..<30_000 {
      var text = ""
      if Bool.random(using: &random) {
        text = RandomFilter.draw(&random).description
        var scalars = Array(text.unicodeScalars)
        for _ in 0..<Int.random(in: 1...3, using: &random) where !scalars.isEmpty {
          let place = Int.random(in: 0..<scalars.count, using: &random)
          switch Int.random(in: 0..<3, using: &random) {
          case 0: scalars.remove(at: place)
          case 1: scalars.insert("'", at: place)
          default: scalars.swapAt(place, Int.random(in: 0..<scalars.count, using: &random))
          }
        }
        text = String(String.UnicodeScalarView(scalars))
      } else {
        for _ in 0..<Int.random(in: 0...12, using: &random) { text += pieces.randomElement(using: &random) ?? "" }
      }
      do {
        _ = try Filter(text).matches(key: .integer(1), fields: Self.row)
      } catch VectorStoreError.invalidFilter(_, let column, let reason) {
        #expect((1...text.unicodeScalars.count + 1).contains(column), "\(text): \(reason)")
      } catch {
        Issue.record("\(text): \(error)")
      }
    }
  }
}
