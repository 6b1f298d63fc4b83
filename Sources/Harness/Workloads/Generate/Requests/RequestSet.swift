internal import Checksums
internal import Datasets
internal import Experiments
internal import Statistics

/// The requests of one source, before a model's tokenizer is known.
struct RequestSet: Sendable {
  enum Prompt: Sendable, Hashable {
    /// Of so many tokens, whichever they are.
    case length(Int)
    case text(String)
  }

  struct Request: Sendable, Hashable {
    var prompt: Prompt
    /// Lengths of its outputs, of the first and of each further one.
    var outputs: [Int]
    /// What is said next in the same conversation.
    var furtherTurns: [String] = []
    /// When it came, in seconds from the beginning of its trace.
    var arrival: Double?
  }

  var name: String
  var requests: [Request]
  /// Rows of a trace that are longer than the model takes.
  var leftOut = 0
  let seed: UInt64

  /// What is asked of a source.
  struct Demand: Sendable, Hashable {
    /// `nil`: all of a file, or the usual number.
    var count: Int?
    /// Outputs of each request, the most of any case.
    var outputs: Int
    /// Whether each output has a length of its own.
    var isIndependent: Bool
    /// `max_model_len`.
    var limit: Int
    /// Outputs that would be longer are cut there.
    var longestOutput: Int?
    /// Whether a source with fewer than `count` gives what it has.
    var takesFewer = false
  }

  static let usualCount = 64

  /// - Parameters:
  ///   - path: where a source of the catalogue, or of a path, can be read.
  ///   - texts: of a corpus.
  /// - Throws: `ExperimentError`, naming the source, for lengths that do not fit the model and files with too few requests;
  ///   what the file's reader throws.
  init(
    _ source: RequestSource, _ demand: Demand, seed: UInt64, path: (String) throws -> String,
    texts: (CorpusTexts) throws -> [String]
  ) throws {
    self.seed = seed
    name = source.name
    requests = []
    do {
      switch source.kind {
      case .drawn(let prompt, let output): try draw(prompt, output, demand)
      case .file(let name, let output):
        let path = try path(name)
        if PromptEntry.isTrace(path) {
          try read(LengthTrace(path: path).rows, demand)
        } else {
          try read(PromptFile(path: path).prompts, output, demand)
        }
      case .corpus(let choice, let output):
        try read(texts(choice).map { PromptFile.Prompt(text: $0) }, output, demand)
      }
    } catch let error as EngineError {
      throw ExperimentError("\(source.name): \(error.description)")
    }
    guard let longest = demand.longestOutput else { return }
    for place in requests.indices { requests[place].outputs = requests[place].outputs.map { min($0, longest) } }
  }

  private mutating func draw(_ prompt: LengthLaw, _ output: LengthLaw, _ demand: Demand) throws(EngineError) {
    // Where neither has a bound of its own, each has half of the context.
    let half = demand.limit / 2
    let prompts = try prompt.drawing(bound: output.bound.map { demand.limit - $0 } ?? half)
    let outputs = try output.drawing(bound: prompt.bound.map { demand.limit - $0 } ?? half)
    var random = SplitMix64(seed: seed)
    requests = (0..<(demand.count ?? Self.usualCount)).map { number in
      let length = prompts(&random)
      let first = outputs(&random)
      return Request(prompt: .length(length), outputs: others(first, number, demand) { outputs(&$0) })
    }
  }

  private mutating func read(_ rows: [LengthTrace.Row], _ demand: Demand) throws(EngineError) {
    let fitting = rows.filter { $0.promptTokens + $0.outputTokens <= demand.limit }
    leftOut = rows.count - fitting.count
    requests = try sample(fitting.count, demand).map { place in
      let row = fitting[place]
      let room = demand.limit - row.promptTokens
      return Request(
        prompt: .length(row.promptTokens),
        outputs: others(row.outputTokens, place, demand) {
          min(room, fitting[Int.random(in: fitting.indices, using: &$0)].outputTokens)
        }, arrival: row.seconds)
    }
  }

  private mutating func read(
    _ prompts: [PromptFile.Prompt], _ output: LengthLaw, _ demand: Demand
  ) throws(EngineError) {
    let lengths = try output.drawing(bound: demand.limit / 2)
    requests = try sample(prompts.count, demand).map { place in
      var random = stream(place, 0)
      let first = prompts[place].outputTokens ?? lengths(&random)
      return Request(
        prompt: .text(prompts[place].text), outputs: others(first, place, demand) { lengths(&$0) },
        furtherTurns: prompts[place].furtherTurns)
    }
  }

  /// The first output's length, and those of the others.
  private func others(_ first: Int, _ number: Int, _ demand: Demand, draw: (inout SplitMix64) -> Int) -> [Int] {
    [first]
      + (1..<max(1, demand.outputs)).map { output in
        guard demand.isIndependent else { return first }
        var random = stream(number, output)
        return draw(&random)
      }
  }

  /// Random numbers of one output of one request, whatever others there are.
  private func stream(_ request: Int, _ output: Int) -> SplitMix64 {
    var parent = SplitMix64(seed: seed ^ (UInt64(request) &* 0x9E37_79B9_7F4A_7C15) &+ UInt64(output))
    return SplitMix64(seed: parent.next())
  }

  /// A seeded draw that keeps the order.
  private func sample(_ available: Int, _ demand: Demand) throws(EngineError) -> [Int] {
    guard let count = demand.count else { return Array(0..<available) }
    if count >= available, demand.takesFewer { return Array(0..<available) }
    guard count <= available else {
      throw EngineError("\(available) requests fit the model's \(demand.limit) tokens, and \(count) are asked for")
    }
    var random = SplitMix64(seed: seed)
    var numbers = Array(0..<available)
    for place in 0..<count { numbers.swapAt(place, Int.random(in: place..<available, using: &random)) }
    return numbers.prefix(count).sorted()
  }

  /// SHA-256 over prompts and lengths.
  var contentHash: String {
    var hash = SHA256()
    for request in requests {
      switch request.prompt {
      case .length(let length): hash.update("\(length) tokens\n")
      case .text(let text): hash.update("\(text.utf8.count):\(text)\n")
      }
      hash.update("\(request.outputs)\n")
    }
    return hash.hex()
  }
}
