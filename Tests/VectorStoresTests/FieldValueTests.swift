import Statistics
import Testing
import VectorStores

@Suite struct FieldValueTests {
  @Test(arguments: [
    ("null", FieldValue.null), ("true", .bool(true)), ("0", .integer(0)), ("-0", .integer(0)), ("-12", .integer(-12)),
    ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
    ("9223372036854775808", .number(9.223372036854775808e18)), ("1.0", .number(1)), ("1e3", .number(1000)),
    ("-2.5E-3", .number(-0.0025)), ("0.1", .number(0.1)),
    ("123456789012345678901234567890", .number(1.2345678901234568e29)),
    ("1.7976931348623157e308", .number(.greatestFiniteMagnitude)), ("5e-324", .number(.leastNonzeroMagnitude)),
    ("\"a\\u00e9\\n\\\"\\/\\uD83D\\uDE00\"", .string("aé\n\"/😀")), ("[]", .array([])), ("{}", .object([:])),
    (" { \"a\" : [ 1 , {\"b\":null} ] } ", .object(["a": .array([.integer(1), .object(["b": .null])])])),
  ])
  func reads(json: String, value: FieldValue) throws { #expect(try FieldValue(json: json) == value) }

  @Test(arguments: [
    "", " ", "nul", "truee", "01", "1.", ".5", "1e", "+1", "-", "1e999", "\"a", "\"\\x\"", "\"\\u12g4\"", "\"\\uD800\"",
    "\"\u{1}\"", "[1", "[1,]", "[1 2]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "1 2", "]", "NaN",
    String(repeating: "[", count: 100_000),
  ])
  func refuses(json: String) { #expect(throws: JSONMistake.self) { try FieldValue(json: json) } }

  @Test func whatIsWrittenIsReadBack() throws {
    let seed: UInt64 = 41
    var random = SplitMix64(seed: seed)
    for round in 0..<3000 {
      var value = FieldValue.object(RandomFilter.fields(&random))
      if case .object(var fields) = value {
        fields["d"] = .number(Double(bitPattern: UInt64.random(in: 0..<0x7FF0_0000_0000_0000, using: &random)))
        fields["i"] = .integer(Int64.random(in: .min ... .max, using: &random))
        fields["t"] = .string(
          String(
            String.UnicodeScalarView(
              (0..<5).compactMap { _ in Unicode.Scalar(UInt32.random(in: 0..<0x300, using: &random)) })))
        value = .object(fields)
      }
      #expect(try FieldValue(json: value.json) == value, "seed \(seed), round \(round): \(value.json)")
    }
  }
}
