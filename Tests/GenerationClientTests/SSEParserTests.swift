import GenerationClient
import TestFixtures
import Testing

@Suite struct SSEParserTests {
  /// Events of the bytes, taken in pieces of the given sizes.
  static func events(_ bytes: [UInt8], pieces: [Int], limit: Int = 1 << 20) throws -> [String] {
    var parser = SSEParser(limit: limit)
    var events: [String] = []
    var start = 0
    for size in pieces + [bytes.count] where start < bytes.count {
      let end = min(bytes.count, start + size)
      try Array(bytes[start..<end]).withUnsafeBytes { piece in
        try parser.consume(piece) { events.append(String(decoding: $0, as: UTF8.self)) }
      }
      start = end
    }
    return events
  }

  /// The standard's rules, line by line over the whole text.
  static func reference(_ bytes: [UInt8]) -> [String] {
    var lines: [[UInt8]] = [[]]
    var index = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
    while index < bytes.count {
      switch bytes[index] {
      case 0x0A: lines.append([])
      case 0x0D:
        lines.append([])
        if index + 1 < bytes.count, bytes[index + 1] == 0x0A { index += 1 }
      default: lines[lines.count - 1].append(bytes[index])
      }
      index += 1
    }
    // What follows the last line's end is no line.
    lines.removeLast()
    var events: [String] = []
    var data: [[UInt8]] = []
    for line in lines {
      if line.isEmpty {
        if !data.isEmpty { events.append(String(decoding: Array(data.joined(separator: [0x0A])), as: UTF8.self)) }
        data = []
        continue
      }
      let colon = line.firstIndex(of: 0x3A)
      let name = String(decoding: line[..<(colon ?? line.count)], as: UTF8.self)
      var value = colon.map { Array(line[($0 + 1)...]) } ?? []
      if value.first == 0x20 { value.removeFirst() }
      if name == "data" || name == "error" { data.append(value) }
    }
    return events
  }

  @Test(arguments: [
    ("data: a\n\n", ["a"]), ("data:a\r\n\r\n", ["a"]), ("data: a\r\rdata: b\r\r", ["a", "b"]),
    ("\u{FEFF}data: a\n\n", ["a"]), (": ping\n\ndata: a\n\n", ["a"]), ("data: a\ndata: b\n\n", ["a\nb"]),
    ("data\n\n", [""]), ("data:  a\n\n", [" a"]), ("event: x\nid: 1\ndata: a\nretry: 5\n\n", ["a"]),
    ("datas: a\n\n", []), ("data: a\n", []), ("data: a", []), ("\n\n\n", []), ("error: {}\n\n", ["{}"]),
    ("data: \u{1F600}\n\ndata: [DONE]\n\n", ["\u{1F600}", "[DONE]"]),
  ])
  func readsEvents(text: String, events: [String]) throws {
    let bytes = Array(text.utf8)
    #expect(try Self.events(bytes, pieces: [bytes.count]) == events)
    #expect(try Self.events(bytes, pieces: Array(repeating: 1, count: bytes.count)) == events)
    #expect(Self.reference(bytes) == events)
  }

  @Test func agreesWithTheStandardHoweverTheBytesAreSplit() throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    let parts = [
      "data", "data:", "data: ", ":", " ", "\n", "\r", "\r\n", "\n\n", "\r\n\r\n", "event: e", "{\"a\":1}", "é",
      "\u{1F600}",
      "\u{FEFF}", "error: ", "[DONE]", "x",
    ]
    for _ in 0..<Fuzz.rounds(5_000) {
      var bytes = (0..<Int.random(in: 1...20, using: &random)).flatMap { _ in
        Array(parts.randomElement(using: &random)!.utf8)
      }
      if Bool.random(using: &random) { random.damage(&bytes) }
      let pieces = (0..<bytes.count).map { _ in Int.random(in: 1...7, using: &random) }
      #expect(try Self.events(bytes, pieces: pieces) == Self.reference(bytes), "seed \(seed): \(bytes)")
    }
  }

  @Test func survivesRandomBytes() throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    var chunk = CompletionChunk()
    for _ in 0..<Fuzz.rounds(10_000) {
      let bytes = (0..<Int.random(in: 1...200, using: &random)).map { _ in
        // Half of them are marks that the parser acts on.
        Bool.random(using: &random)
          ? UInt8.random(in: 0...255, using: &random) : Array("\r\n:dat {}[]\",\\".utf8).randomElement(using: &random)!
      }
      var parser = SSEParser(limit: 100)
      do {
        try bytes.withUnsafeBytes { try parser.consume($0) { try? chunk.read($0, keepsText: true) } }
      } catch { #expect(error is SSEParser.TooLong, "seed \(seed)") }
      bytes.withUnsafeBytes { bytes in try? chunk.read(bytes, keepsText: true) }
    }
  }

  @Test func refusesAnEventBeyondTheLimit() throws {
    let long = Array("data: \(String(repeating: "a", count: 200))".utf8)
    #expect(throws: SSEParser.TooLong(limit: 100)) { try Self.events(long, pieces: [10, 50, 200], limit: 100) }
    let lines = Array(String(repeating: "data: 0123456789\n", count: 20).utf8)
    #expect(throws: SSEParser.TooLong(limit: 100)) { try Self.events(lines, pieces: [17], limit: 100) }
    #expect(try Self.events(lines, pieces: [17], limit: 1_000).isEmpty)
  }
}
