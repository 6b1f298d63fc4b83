/// Holds requests back so that the KV memory that they are predicted to take stays under a ceiling.
///
/// A pure value that is told what the client sees. It is asked for the first in line alone, so that who came first goes
/// first; who finds nobody in flight always goes, so that nobody waits for ever.
///
/// What is kept under the ceiling is the most that all in flight come to, not what they hold now: a server that is full only
/// later preempts then. With lengths that are known (`ignore_eos`) this is a bound for a server that gives every running
/// output a token a step; else as good as the lengths of outputs that have ended tell.
public struct KVAdmission: Sendable {
  public struct Request: Sendable, Hashable {
    /// Chosen by the caller.
    public var id: Int
    public var promptTokens: Int
    /// `n`, or `best_of`.
    public var outputs: Int
    /// Tokens of an output at the most.
    public var maxTokens: Int
    /// Whether every output comes to `maxTokens`.
    public var isExact: Bool

    public init(id: Int, promptTokens: Int, outputs: Int = 1, maxTokens: Int, isExact: Bool = false) {
      self.id = id
      self.promptTokens = promptTokens
      self.outputs = outputs
      self.maxTokens = maxTokens
      self.isExact = isExact
    }
  }

  private struct Standing: Sendable {
    var request: Request
    /// Tokens that have come.
    var outputs: [(tokens: Int, hasEnded: Bool)]

    init(_ request: Request) {
      self.request = request
      outputs = Array(repeating: (0, false), count: request.outputs)
    }

    var unfinished: [Int] { outputs.compactMap { $0.hasEnded ? nil : $0.tokens } }
  }

  public let forecast: KVForecast
  /// Share of the blocks.
  public let ceiling: Double
  /// Tokens that are looked ahead; nil: to the end of all who are in flight.
  public let lookahead: Int?
  private var inFlight: [Int: Standing] = [:]
  private var lengths = OutputLengths()
  private var correction = Correction()

  /// - Precondition: the ceiling is above 0.
  public init(forecast: KVForecast, ceiling: Double, lookahead: Int? = nil) {
    precondition(ceiling > 0, "a ceiling of \(ceiling) lets nobody in")
    self.forecast = forecast
    self.ceiling = ceiling
    self.lookahead = lookahead
  }

  /// Requests that have been sent and have not ended.
  public var count: Int { inFlight.count }

  /// Whether the first in line may be sent now. The answer can change when an output ends, a sample comes, or, with a
  /// `lookahead`, tokens do.
  ///
  /// - Complexity: O(blocks that those in flight grow by).
  public func admits(_ request: Request) -> Bool {
    inFlight.isEmpty || extent(with: request).peak <= ceiling * Double(forecast.blockCount)
  }

  /// The share of the blocks in use that is predicted for now, and the most that it comes to.
  public var predictedUsage: (now: Double, peak: Double) {
    let extent = extent(with: nil)
    return (extent.now / Double(forecast.blockCount), extent.peak / Double(forecast.blockCount))
  }

  // MARK: - What has happened

  public mutating func started(_ request: Request) {
    inFlight[request.id] = Standing(request)
  }

  /// - Parameter tokens: of this output, all that have come.
  public mutating func progress(id: Int, output: Int, tokens: Int) {
    guard inFlight[id]?.outputs.indices.contains(output) == true else { return }
    inFlight[id]?.outputs[output].tokens = tokens
  }

  public mutating func finished(id: Int, output: Int, tokens: Int) {
    guard let standing = inFlight[id], standing.outputs.indices.contains(output), !standing.outputs[output].hasEnded
    else { return }
    inFlight[id]?.outputs[output].hasEnded = true
    if !standing.request.isExact { lengths.add(tokens) }
  }

  /// The whole request has ended, in whatever way.
  public mutating func finished(id: Int) { inFlight[id] = nil }

  /// What the server says of its use corrects what is predicted: others may load it too, and prompts may share blocks that
  /// no forecast knows of.
  public mutating func observe(_ sample: ServerSample) {
    guard let usage = sample.kvUsage else { return }
    var begun = 0
    var all = 0
    for standing in inFlight.values {
      let blocks = forecast.blocks(
        prompt: standing.request.promptTokens, outputs: standing.request.outputs,
        tokens: standing.unfinished)
      all += blocks
      if standing.outputs.contains(where: { $0.tokens > 0 || $0.hasEnded }) { begun += blocks }
    }
    correction.learn(told: usage * Double(forecast.blockCount), least: Double(begun), most: Double(all))
  }

  // MARK: - Looking ahead

  private func extent(with candidate: Request?) -> (now: Double, peak: Double) {
    var horizon = candidate.map { expectedLength($0, after: 0) } ?? 0
    if let lookahead {
      horizon = lookahead
    } else {
      for standing in inFlight.values {
        for tokens in standing.unfinished {
          horizon = max(horizon, expectedLength(standing.request, after: tokens) - tokens)
        }
      }
    }
    var demand = KVDemand(forecast, horizon: horizon)
    for standing in inFlight.values { add(standing, to: &demand) }
    if let candidate {
      add(Standing(candidate), to: &demand)
    }
    let extent = demand.extent
    return (correction.applied(to: extent.now), correction.applied(to: extent.peak))
  }

  private func add(_ standing: Standing, to demand: inout KVDemand) {
    let request = standing.request
    demand.add(
      prompt: request.promptTokens, outputs: request.outputs,
      standing: standing.unfinished.map { ($0, expectedLength(request, after: $0)) })
  }

  private func expectedLength(_ request: Request, after tokens: Int) -> Int {
    request.isExact ? request.maxTokens : lengths.expected(after: tokens, atMost: request.maxTokens)
  }
}

extension KVAdmission {
  /// From blocks that are predicted to those that a server will tell.
  private struct Correction: Sendable {
    /// Blocks that are in use beside those of the requests known here.
    private var others = 0.0
    /// Blocks in use of those that were predicted: below 1 where prompts share.
    private var share = 1.0

    /// What weighs a sample that says that less is used than was thought; one that says more counts in full, at once.
    private static let weight = 0.25

    /// - Parameters:
    ///   - told: blocks that the server says are in use.
    ///   - least: predicted of those whose tokens come.
    ///   - most: predicted of those, too, who may still wait in the server's line.
    mutating func learn(told: Double, least: Double, most: Double) {
      others = Self.moved(others, to: max(0, told - most))
      if told > most {
        share = 1
      } else if least > 0 {
        // Between least and most it is for those to say how much they hold who are not seen.
        share = told < least ? Self.moved(share, to: told / least) : max(share, min(1, told / most))
      }
    }

    private static func moved(_ value: Double, to target: Double) -> Double {
      target > value ? target : value + weight * (target - value)
    }

    func applied(to blocks: Int) -> Double { share * Double(blocks) + others }
  }
}
