/// Parses the part of Jinja that chat templates are written in: `for`, `if`, `set` and expressions.
struct JinjaParser {
  private var parts: ArraySlice<(part: JinjaLexer.Part, line: Int)>
  var tokens: ArraySlice<JinjaLexer.Token> = []
  var line = 1
  var depth = 0

  /// Beyond this nothing is nested, so that neither parser nor interpreter runs out of stack.
  private static let deepest = 100

  /// - Throws: `JinjaError` with the line of what is not understood.
  static func parse(_ source: String) throws -> JinjaTemplate {
    var parser = JinjaParser(parts: try JinjaLexer(source).parts[...])
    let body = try parser.body(until: [])
    return JinjaTemplate(body: body.nodes)
  }

  private init(parts: ArraySlice<(part: JinjaLexer.Part, line: Int)>) {
    self.parts = parts
  }

  func failure(_ reason: String) -> JinjaError { JinjaError(line: line, reason: reason) }

  /// Counts a level of nesting while the closure runs.
  mutating func nested<Result>(_ body: (inout JinjaParser) throws -> Result) throws -> Result {
    depth += 1
    defer { depth -= 1 }
    guard depth <= Self.deepest else { throw failure("is nested deeper than \(Self.deepest) levels") }
    return try body(&self)
  }

  /// Nodes up to a statement that begins with one of the words, whose tokens behind the word are left to read.
  private mutating func body(until words: Set<String>) throws -> (nodes: [JinjaNode], end: String) {
    var nodes: [JinjaNode] = []
    while let (part, line) = parts.popFirst() {
      self.line = line
      switch part {
      case .text(let text): nodes.append(.text(text))
      case .output(let tokens):
        self.tokens = tokens[...]
        nodes.append(.output(try whole(), line: line))
      case .statement(let tokens):
        self.tokens = tokens[...]
        guard case .name(let word)? = self.tokens.popFirst() else { throw failure("a statement begins with no word") }
        if words.contains(word) { return (nodes, word) }
        nodes.append(try nested { try $0.statement(word) })
      }
    }
    guard words.isEmpty else { throw failure("the template ends before \(words.sorted().joined(separator: " or "))") }
    return (nodes, "")
  }

  private mutating func statement(_ word: String) throws -> JinjaNode {
    let line = line
    switch word {
    case "if":
      var branches: [(condition: JinjaExpression, body: [JinjaNode])] = []
      var end = "elif"
      while end == "elif" {
        let condition = try whole()
        let body = try body(until: ["elif", "else", "endif"])
        branches.append((condition, body.nodes))
        end = body.end
      }
      let otherwise = try end == "else" ? body(until: ["endif"]).nodes : []
      return .branch(branches, otherwise: otherwise, line: line)
    case "for":
      let name = try name()
      guard take(name: "in") else { throw failure("a loop needs 'in' behind the one name it sets") }
      let list = try either()
      let filter = take(name: "if") ? try either() : nil
      try end()
      return .loop(name: name, over: list, filter: filter, body: try body(until: ["endfor"]).nodes, line: line)
    case "set":
      let name = try name()
      let attribute = take(".") ? try self.name() : nil
      guard take("=") else { throw failure("'set' is read as one name, '=' and a value") }
      return .set(name: name, attribute: attribute, try whole(), line: line)
    default: throw failure("the statement '\(word)' is not done here")
    }
  }

  /// An expression that fills the tag.
  private mutating func whole() throws -> JinjaExpression {
    let expression = try expression()
    try end()
    return expression
  }

  private func end() throws {
    if let token = tokens.first { throw failure("\(Self.spelling(token)) stands where the tag should end") }
  }

  mutating func name() throws -> String {
    guard case .name(let name)? = tokens.popFirst() else { throw failure("a name is missing") }
    return name
  }

  mutating func take(_ symbol: String) -> Bool { take(.symbol(symbol)) }
  mutating func take(name: String) -> Bool { take(.name(name)) }

  private mutating func take(_ token: JinjaLexer.Token) -> Bool {
    guard tokens.first == token else { return false }
    tokens.removeFirst()
    return true
  }

  mutating func expect(_ symbol: String) throws {
    guard take(symbol) else {
      throw failure("'\(symbol)' is missing before \(tokens.first.map(Self.spelling) ?? "the end of the tag")")
    }
  }

  static func spelling(_ token: JinjaLexer.Token) -> String {
    switch token {
    case .text: "a text"
    case .integer(let number): "\(number)"
    case .name(let word), .symbol(let word): "'\(word)'"
    }
  }
}
