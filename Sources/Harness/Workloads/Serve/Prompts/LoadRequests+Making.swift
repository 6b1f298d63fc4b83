internal import Checksums
internal import GenerationClient
internal import Statistics
package import Tokenizers

extension LoadRequests {
  /// What a source is read with.
  package struct Reading {
    /// Distinct requests that are wanted; nil: all of a file, the usual number of drawn ones.
    package var count: Int?
    /// Tokens that prompt and output may have together.
    package var limit: Int
    /// The model's; nil: not known.
    package var tokenizer: (any Tokenizer)?
    /// Where a source of the catalogue, or of a path, can be read.
    package var path: (String) throws -> String
    package var texts: (CorpusTexts) throws -> [String]

    package init(
      count: Int?, limit: Int, tokenizer: (any Tokenizer)?, path: @escaping (String) throws -> String,
      texts: @escaping (CorpusTexts) throws -> [String]
    ) {
      self.count = count
      self.limit = limit
      self.tokenizer = tokenizer
      self.path = path
      self.texts = texts
    }
  }

  /// Most requests that are drawn: enough that none meets its own blocks in a prefix cache again.
  private static let mostDrawn = 65_536

  /// - Parameter isReplay: whether arrivals come from the source, which then is a trace with times.
  /// - Throws: `ExperimentError` or `EngineError`, naming the source, where its lengths do not fit the model, it lacks what
  ///   the shape asks for, or nothing is left of it; what reading throws.
  package init(
    _ source: RequestSource, _ shape: RequestShape, isReplay: Bool = false, seed: UInt64, _ reading: Reading
  ) throws {
    let inFront = if case .system(let tokens, _) = shape.prefix { tokens } else { 0 }
    guard inFront < reading.limit else {
      throw EngineError("a system prompt of \(inFront) tokens leaves none of the model's \(reading.limit)")
    }
    var set = try RequestSet(
      source,
      RequestSet.Demand(
        count: isReplay ? nil : reading.count.map { min($0, Self.mostDrawn) }, outputs: 1, isIndependent: false,
        limit: reading.limit - inFront, longestOutput: nil, takesFewer: true),
      seed: seed, path: reading.path, texts: reading.texts)
    var arrivals: [Double]?
    if isReplay { arrivals = try Self.replay(&set, shape.replay, count: reading.count) }

    name = set.name
    self.shape = shape
    self.seed = seed
    self.arrivals = arrivals
    words = SyntheticWords(tokenizer: reading.tokenizer)
    lengths = words.lengths
    vocabulary = reading.tokenizer?.vocabularySize
    if case .passages(let texts, let count, let exponent) = shape.prefix {
      passages = try PassageDraw(reading.texts(texts), count: count, exponent: exponent, seed: seed)
    } else {
      passages = nil
    }
    let made = try Self.sessions(set, shape, reading.tokenizer, limit: reading.limit - inFront, seed: seed)
    turns = made.turns
    sessions = made.sessions
    leftOut = set.leftOut + made.leftOut
    contentHash = Self.hash(set, arrivals, shape, turns, sessions, passages)
    if shape.synthetic == .ids, vocabulary == nil, turns.contains(where: \.isSynthetic) {
      throw EngineError("\(name): prompts of random token ids need the model's tokenizer; name it, or take words")
    }
  }

  /// Leaves the rows of the part that is replayed, in the order of their times, and gives those.
  private static func replay(_ set: inout RequestSet, _ replay: TraceReplay, count: Int?) throws -> [Double] {
    guard set.requests.allSatisfy({ $0.arrival != nil }) else {
      throw EngineError("\(set.name): a replay needs a time in every row, in a column TIMESTAMP")
    }
    let end = replay.seconds.map { replay.from + $0 } ?? .infinity
    set.requests = set.requests.filter { $0.arrival.map { $0 >= replay.from && $0 < end } ?? false }
    // Swift's sort is stable, so that rows of one moment stay as they are.
    set.requests.sort { ($0.arrival ?? 0) < ($1.arrival ?? 0) }
    if let count { set.requests = Array(set.requests.prefix(count)) }
    guard !set.requests.isEmpty else {
      throw EngineError("\(set.name) has no row from second \(replay.from) to \(end)")
    }
    return set.requests.map { (($0.arrival ?? 0) - replay.from) * replay.scale }
  }

  private static func sessions(
    _ set: RequestSet, _ shape: RequestShape, _ tokenizer: (any Tokenizer)?, limit: Int, seed: UInt64
  ) throws -> (turns: [Turn], sessions: [Range<Int>], leftOut: Int) {
    func turn(_ prompt: RequestSet.Prompt, _ output: Int) -> Turn {
      let tokens: Int? =
        switch prompt {
        case .length(let length): length
        case .text(let text): tokenizer?.encode(text, addSpecialTokens: true).ids.count
        }
      return Turn(prompt: prompt, outputTokens: output, promptTokens: tokens)
    }
    let alone = set.requests.map { turn($0.prompt, $0.outputs[0]) }
    let groups: [[Turn]]
    switch shape.sessions?.turns {
    case nil: groups = alone.map { [$0] }
    case .recorded:
      guard set.requests.contains(where: { !$0.furtherTurns.isEmpty }) else {
        throw EngineError("\(set.name) has no conversations of several turns; say how many turns are drawn")
      }
      groups = set.requests.map { request in
        ([request.prompt] + request.furtherTurns.map { .text($0) }).map { turn($0, request.outputs[0]) }
      }
    case .drawn(let law):
      let drawing = try law.drawing(bound: max(1, law.bound ?? limit))
      var random = SplitMix64(seed: seed ^ 0xA5A5_5A5A_0F0F_F0F0)
      var rest = alone[...]
      var drawn: [[Turn]] = []
      while !rest.isEmpty {
        let session = rest.prefix(drawing(&random))
        drawn.append(Array(session))
        rest = rest.dropFirst(session.count)
      }
      groups = drawn
    }
    var turns: [Turn] = []
    var sessions: [Range<Int>] = []
    var leftOut = 0
    for group in groups {
      let fitting = fitting(group, limit: limit)
      leftOut += group.count - fitting.count
      guard !fitting.isEmpty else { continue }
      sessions.append(turns.count..<turns.count + fitting.count)
      turns += fitting
    }
    guard !sessions.isEmpty else { throw EngineError("no request of \(set.name) fits the model's \(limit) tokens") }
    return (turns, sessions, leftOut)
  }

  /// The turns whose conversation, as far as its length is known, the model still takes.
  private static func fitting(_ group: [Turn], limit: Int) -> ArraySlice<Turn> {
    var length = 0
    let end = group.firstIndex { turn in
      length += (turn.promptTokens ?? 0) + turn.outputTokens
      return length > limit
    }
    return group.prefix(upTo: end ?? group.endIndex)
  }

  private static func hash(
    _ set: RequestSet, _ arrivals: [Double]?, _ shape: RequestShape, _ turns: [Turn], _ sessions: [Range<Int>],
    _ passages: PassageDraw?
  ) -> String {
    var hash = SHA256()
    hash.update("\(set.contentHash)\n\(arrivals ?? [])\n\(shape)\n")
    for session in sessions {
      for turn in turns[session] {
        switch turn.prompt {
        case .length(let length): hash.update("\(length)/\(turn.outputTokens) tokens\n")
        case .text(let text): hash.update("\(text.utf8.count)/\(turn.outputTokens):\(text)\n")
        }
      }
      hash.update("end of session\n")
    }
    for passage in passages?.passages ?? [] { hash.update("\(passage.utf8.count):\(passage)\n") }
    return hash.hex()
  }
}

extension LoadRequests.Turn {
  var isSynthetic: Bool { if case .length = prompt { true } else { false } }
}
