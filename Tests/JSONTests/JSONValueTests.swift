import Foundation
import JSON
import Testing

@Suite struct JSONValueTests {
  @Test func everyKindOfValue() throws {
    let value = try JSONValue.parse(
      #" {"a": [1, -2.5e1, true, false, null], "b": {"c": "\u00e9\ud83d\ude00\n\"\\\/"}, "": 9007199254740993} "#)
    #expect(value["a"]?.array == [.integer(1), .number(-25), .bool(true), .bool(false), .null])
    #expect(value["b"]?["c"]?.string == "é😀\n\"\\/")
    #expect(value[""]?.integer == 9_007_199_254_740_993)
    #expect(value.object?.map(\.name) == ["a", "b", ""])
  }

  @Test func namesAreComparedByBytes() throws {
    let value = try JSONValue.parse("{\"e\u{301}\": 1, \"\u{E9}\": 2}")
    #expect(value["e\u{301}"]?.integer == 1)
    #expect(value["\u{E9}"]?.integer == 2)
  }

  @Test func halfASurrogatePairIsReplaced() throws {
    #expect(try JSONValue.parse(#""\ud83dx\udE00""#).string == "\u{FFFD}x\u{FFFD}")
    #expect(try JSONValue.parse(#""\ud83d\u0041""#).string == "\u{FFFD}A")
  }

  @Test(arguments: [
    ("", 0, "ends before its value"), (" [1,", 4, "ends before its value"), ("[1 2]", 3, "',' or ']'"),
    ("{\"a\" 1}", 5, "':'"), ("{a: 1}", 1, "a name in double quotes"),
    ("{\"a\": 1, \"a\": 2}", 9, "two members called \"a\""),
    ("01", 0, "does not begin with 0"), ("1.", 2, "a digit"), ("-", 1, "a digit"), ("1e999", 0, "too large"),
    ("tru", 0, "a JSON value belongs here"), ("1 1", 2, "something follows"), ("\"a\u{1}\"", 2, "a control character"),
    (#""\x""#, 2, "no escape"), (#""\u12g4""#, 3, "four hexadecimal digits"), ("\"abc", 4, "ends before its value"),
    ("[1,]", 3, "a JSON value belongs here"), ("{\"a\":1,}", 7, "a name in double quotes"), ("NaN", 0, "a JSON value"),
  ])
  func mistakesHaveTheirPlace(text: String, offset: Int, reason: String) {
    do {
      _ = try JSONValue.parse(text)
      Issue.record("\(text) was read")
    } catch {
      #expect(error.offset == offset && error.reason.contains(reason), "\(text): \(error)")
    }
  }

  @Test func deepNestingIsRefusedAndNotFollowed() {
    let text = String(repeating: "[", count: 100_000)
    #expect(throws: JSONError(offset: 256, reason: "nested deeper than 256 levels")) { try JSONValue.parse(text) }
  }

  @Test func invalidUTF8IsRefused() {
    let bytes: [UInt8] = [0x22, 0x61, 0xFF, 0x22]
    #expect(throws: JSONError.self) { try bytes.withUnsafeBytes { bytes in try JSONValue.parse(bytes) } }
  }

  /// What Foundation writes is read as the same value.
  @Test func foundationsTextsAreRead() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var random = Generator(state: seed)
    for _ in 0..<300 {
      let texts = (0..<5).map { _ in
        String(
          String.UnicodeScalarView(
            (0..<6).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0..<0x11000, using: &random)) }))
      }
      let numbers = (0..<5).map { _ in Double.random(in: -1e12...1e12, using: &random) }
      let data = try JSONSerialization.data(withJSONObject: ["texts": texts, "numbers": numbers] as [String: Any])
      let value = try data.withUnsafeBytes { try JSONValue.parse($0) }
      #expect(value["texts"]?.array?.map(\.string) == texts, "seed \(seed)")
      #expect(value["numbers"]?.array?.map(\.number) == numbers, "seed \(seed)")
    }
  }

  private struct Generator: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
      return z ^ (z >> 31)
    }
  }
}
