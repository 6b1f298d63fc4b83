import Testing
import YAML

private func parse(_ text: String, limits: YAMLLimits = YAMLLimits()) throws -> YAMLNode {
  try YAMLNode.parse(text, file: "t.yml", limits: limits)
}

private func failure(_ text: String, limits: YAMLLimits = YAMLLimits()) -> String? {
  do throws(YAMLError) {
    _ = try YAMLNode.parse(text, file: "t.yml", limits: limits)
    return nil
  } catch { return error.description }
}

@Suite struct YAMLNodeTests {
  @Test func everyNodeKnowsItsPlace() throws {
    let root = try parse("name: a\nindexes:\n  - flat\n  - kind: ivf\n    nlist: [64, 128]\n")
    let ivf = try #require(root["indexes"]?.sequence?.last)
    #expect(ivf.place == YAMLPlace(file: "t.yml", line: 4, column: 5))
    #expect(ivf.mapping?.last?.keyPlace == YAMLPlace(file: "t.yml", line: 5, column: 5))
    #expect(ivf["nlist"]?.sequence?.map(\.place.column) == [13, 17])
    #expect(ivf["nlist"]?.sequence?.map(\.int) == [64, 128])
  }

  @Test(
    arguments: [
      ("12", 12, 12.0), ("-3", -3, -3), ("0x1f", 31, 31), ("0o17", 15, 15), ("017", 17, 17), ("1.5", nil, 1.5),
      ("1e3", nil, 1000), ("'12'", nil, nil), ("1_000", nil, nil), ("nan", nil, nil), (".inf", nil, .infinity),
      ("99999999999999999999", nil, 1e20), ("!!str 12", nil, nil), ("12 apples", nil, nil),
    ] as [(String, Int?, Double?)])
  func numbersFollowTheCoreSchema(text: String, int: Int?, double: Double?) throws {
    let node = try parse(text)
    #expect(node.int == int)
    #expect(node.double == double)
  }

  @Test func nullsAndBooleansFollowTheCoreSchema() throws {
    let root = try parse("a: ~\nb:\nc: ''\nd: yes\ne: True\nf: 'true'\ng: null")
    #expect(["a", "b", "g"].allSatisfy { root[$0]?.isNull == true && root[$0]?.string == nil })
    #expect(root["c"]?.string == "")
    #expect(root["d"]?.bool == nil)
    #expect(root["e"]?.bool == true)
    #expect(root["f"]?.bool == nil)
    #expect(root["zz"] == nil)
    #expect(try parse("").isNull)
  }

  @Test func aliasesAndMergeKeysAreWrittenOut() throws {
    let root = try parse(
      """
      base: &base {k: 10, threads: 1}
      more: &more {threads: 8, repeat: 3}
      one: {<<: *base, k: 100}
      two:
        seed: 1
        <<: [*base, *more]
      same: *base
      """)
    #expect(root["same"] == root["base"])
    #expect(root["one"]?.mapping?.map(\.key) == ["threads", "k"])
    #expect(root["one"]?["k"]?.int == 100)
    #expect(root["two"]?.mapping?.map(\.key) == ["seed", "k", "threads", "repeat"])
    #expect(root["two"]?["threads"]?.int == 1)
    #expect(root["two"]?["threads"]?.place.line == 1)
  }

  @Test(arguments: [
    ("a: 1\nb: 2\na: 3\n", "t.yml:3:1: key 'a' was already given on line 1"),
    ("a: *x\n", "t.yml:1:4: alias *x has no anchor &x before it"),
    ("a: &x [1, *x]\n", "t.yml:1:11: alias *x stands inside its own anchor"),
    ("<<: 3\n", "t.yml:1:1: '<<' merges a mapping or a list of mappings, not '3'"),
    ("? [a, b]\n: 1\n", "t.yml:1:3: a key must be a word, not a list"),
    ("a: !ruby/object 1\n", "t.yml:1:4: tag '!ruby/object' is not known here; leave it out"),
    ("a: 1\n---\nb: 2\n", "t.yml:2:1: a second document; the file must hold one"),
    ("a: [1, 2\nb: 3\n", "t.yml:2:2: not YAML: did not find expected ',' or ']' while parsing a flow sequence"),
    ("a: 'x\n", "t.yml:2:1: not YAML: found unexpected end of stream while scanning a quoted scalar"),
    (
      "a:\n\t- 1\n",
      "t.yml:2:1: not YAML: found character that cannot start any token while scanning for the next token"
    ),
  ])
  func mistakesNameTheirPlace(text: String, message: String) {
    #expect(failure(text) == message)
  }

  @Test func limitsHold() {
    let bomb =
      "a: &a [x, x, x, x, x, x, x, x, x, x]\n"
      + zip("bcdefghi", "abcdefgh").map {
        "\($0): &\($0) [\(Array(repeating: "*\($1)", count: 10).joined(separator: ","))]\n"
      }
      .joined()
    #expect(failure(bomb)?.hasSuffix("more than 200000 values once aliases are written out") == true)
    let merges = (1...40).map { "m\($0): &m\($0) {<<: [\($0 == 1 ? "{a: 1}" : "*m\($0 - 1), *m\($0 - 1)")]}\n" }
      .joined()
    #expect(failure(merges)?.contains("once aliases are written out") == true)
    let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
    #expect(failure(deep) == "t.yml:1:65: nested deeper than 64 levels")
    #expect(failure("a: 12345", limits: YAMLLimits(bytes: 7))?.contains("larger than 7 bytes") == true)
  }

  @Test func unreadableFilesAreNamed() {
    #expect(throws: YAMLError(YAMLPlace(file: "/nowhere/x.yml"), "cannot be opened: No such file or directory")) {
      try YAMLNode.load(path: "/nowhere/x.yml")
    }
    #expect(failure("a: \u{1}")?.contains("control characters are not allowed") == true)
  }

  /// Whatever one byte says, the text is read or refused with a place.
  @Test func everyChangedByteIsReadOrRefused() {
    let text = Array("a: &x [1, 'b', {c: ~}]\nd: {<<: {e: *x}, f: |\n  g\n}\nh: \"\\u00e9\"\n# end\n".utf8)
    for index in text.indices {
      for byte in UInt8.min...UInt8.max {
        var changed = text
        changed[index] = byte
        let changedText = String(decoding: changed, as: UTF8.self)
        if let message = failure(changedText) { #expect(message.hasPrefix("t.yml"), "byte \(index) as \(byte)") }
      }
    }
  }
}
