import Generation
import Kernels

/// One random life of a scheduler, small enough that everything goes wrong that can: requests come, are cancelled and
/// finished from outside, steps fail, blocks run out. Beside it stand a KV memory that holds, instead of keys and values, a
/// digest of what they depend on, and a model of what every request is entitled to; whatever the scheduler plans is carried out there and
/// compared.
struct RandomSchedule {
  struct Violation: Error, CustomStringConvertible {
    var description: String
  }

  /// What a request is entitled to, and what has become of it.
  struct Request {
    var request: ScheduledRequest
    var outputs: [[Int32]]
    /// Tokens in the cache by the steps seen; 0 while the choice has no blocks.
    var computed: [Int]
    var isOver: [Bool]
  }

  var random: SplitMix64
  let configuration: SchedulerConfiguration
  var scheduler: Scheduler
  var requests: [Request] = []
  /// By slot the digest of a token and of all before it; what a step writes, it makes of what its block table reads.
  var memory: [UInt64]
  /// By slot, the step that wrote it last.
  var writtenIn: [Int]
  var step = ScheduledStep()
  var steps = 0
  /// Times that a choice was seen suspended.
  var suspensions = 0
  var references: [Int32]
  var isUseful: [Bool]

  init(seed: UInt64) throws {
    random = SplitMix64(seed: seed)
    configuration = Self.configuration(&random)
    scheduler = try Scheduler(
      configuration, hashMask: Bool.random(using: &random) ? .max : 3)
    let slots = configuration.blockCount * configuration.policy.blockSize
    memory = Array(repeating: 0, count: slots)
    writtenIn = Array(repeating: -1, count: slots)
    references = Array(repeating: 0, count: configuration.blockCount)
    isUseful = Array(repeating: false, count: slots)
  }

  private static func configuration(_ random: inout SplitMix64) -> SchedulerConfiguration {
    let batching = [KVPolicy.Batching.static, .continuous, .paged, .paged][Int(random.next() % 4)]
    let isPaged = batching == .paged
    let policy = KVPolicy(
      batching: batching, blockSize: Int.random(in: 1...5, using: &random),
      sharing: isPaged && Int.random(in: 0..<4, using: &random) > 0,
      prefixCache: isPaged && Bool.random(using: &random),
      reservation: KVPolicy.Reservation.allCases.randomElement(using: &random) ?? .request)
    let sequences = Int.random(in: 1...6, using: &random)
    return SchedulerConfiguration(
      policy: policy, blockCount: Int.random(in: 2...24, using: &random),
      maxBatchedTokens: sequences + Int.random(in: 0...12, using: &random), maxSequences: sequences,
      maxModelLength: Int.random(in: 2...30, using: &random))
  }

  /// - Throws: `Violation` with what the scheduler did wrong.
  mutating func run() throws {
    let length = Int.random(in: 1...16, using: &random)
    for _ in 0..<length {
      switch random.next() % 8 {
      case 0...2: add()
      case 3 where !requests.isEmpty: takeBack()
      default: _ = try advance()
      }
    }
    var limit = 3_000
    while try advance() {
      limit -= 1
      guard limit > 0 else { throw Violation(description: "steps without end") }
    }
    guard requests.allSatisfy({ $0.isOver.allSatisfy { $0 } }) else {
      throw Violation(description: "there is nothing more to run, and requests are unfinished")
    }
    guard scheduler.pool.usedCount == 0, !scheduler.hasWork else {
      throw Violation(description: "\(scheduler.pool.usedCount) blocks are left over")
    }
  }

  // MARK: - What happens to it

  private mutating func add() {
    let longest = configuration.maxModelLength
    // Few different tokens, so that prompts begin alike and outputs stop.
    let prompt = (0..<Int.random(in: 1...max(1, longest - 1), using: &random)).map { place in
      place < 6 && random.next() % 8 > 0 ? 0 : Int32(random.next() % 3)
    }
    let choices = random.next() % 2 == 0 ? 1 : Int.random(in: 1...4, using: &random)
    let most = Int.random(in: 1...12, using: &random)
    let request = ScheduledRequest(
      id: requests.count, prompt: prompt, choices: choices, maxTokens: most,
      minTokens: Int.random(in: 0...most, using: &random),
      stopTokens: Set((0..<Int.random(in: 0...2, using: &random)).map { _ in Int32(random.next() % 12) }),
      outputLengths: random.next() % 3 == 0 ? (0..<choices).map { _ in Int.random(in: 1...12, using: &random) } : nil)
    guard (try? scheduler.add(request)) != nil else { return }
    requests.append(
      Request(
        request: request, outputs: Array(repeating: [], count: choices), computed: Array(repeating: 0, count: choices),
        isOver: Array(repeating: false, count: choices)))
  }

  private mutating func takeBack() {
    let id = Int.random(in: 0..<requests.count, using: &random)
    if Bool.random(using: &random) {
      scheduler.cancel(request: id)
      for choice in requests[id].isOver.indices { requests[id].isOver[choice] = true }
    } else {
      let choice = Int.random(in: 0..<requests[id].isOver.count, using: &random)
      scheduler.finish(ChoiceID(request: id, index: choice), .stop)
      requests[id].isOver[choice] = true
    }
  }

  /// - Returns: false if there was nothing to do.
  private mutating func advance() throws -> Bool {
    guard scheduler.plan(&step) else { return false }
    steps += 1
    try checkMemory()
    try checkOrder()
    try execute()
    if random.next() % 8 == 0, requests.count < 12 { add() }
    if random.next() % 16 == 0, !requests.isEmpty { takeBack() }
    if random.next() % 24 == 0 {
      scheduler.fail(step)
      for slot in memory.indices { memory[slot] = 0 }
      for id in requests.indices { requests[id].computed = requests[id].computed.map { _ in 0 } }
      return true
    }
    try complete()
    return true
  }

  private mutating func complete() throws {
    var expected: [FinishedChoice] = []
    let tokens = step.samples.map { _ in Int32(random.next() % 12) }
    for (sample, token) in zip(step.samples, tokens) {
      guard !requests[sample.request].isOver[sample.index] else { continue }
      requests[sample.request].outputs[sample.index].append(token)
      guard let reason = ending(sample) else { continue }
      requests[sample.request].isOver[sample.index] = true
      expected.append(FinishedChoice(choice: sample, reason: reason))
    }
    let finished = scheduler.complete(step, tokens: tokens)
    guard finished == expected else { throw Violation(description: "finished \(finished), not \(expected)") }
    for sample in step.samples {
      let told = scheduler.tokens(of: sample)
      guard
        requests[sample.request].isOver[sample.index]
          || told.elementsEqual(requests[sample.request].outputs[sample.index])
      else { throw Violation(description: "\(sample) is said to have generated \(told)") }
    }
  }

  private func ending(_ choice: ChoiceID) -> FinishReason? {
    let request = requests[choice.request].request
    let output = requests[choice.request].outputs[choice.index]
    if let last = output.last, request.stopTokens.contains(last), output.count >= request.minTokens { return .stop }
    if let length = request.outputLengths?[choice.index], output.count == length { return .stop }
    let room = min(request.maxTokens, configuration.maxModelLength - request.prompt.count)
    return output.count == room ? .length : nil
  }

  func token(_ choice: ChoiceID, _ position: Int) -> Int32 {
    let request = requests[choice.request]
    let prompt = request.request.prompt
    return position < prompt.count ? prompt[position] : request.outputs[choice.index][position - prompt.count]
  }

  static func digest(_ token: Int32, after digest: UInt64) -> UInt64 {
    (digest ^ UInt64(UInt32(bitPattern: token) &+ 1)) &* 0x9E37_79B9_7F4A_7C15 ^ (digest >> 29)
  }

  func known(_ choice: ChoiceID) -> Int {
    requests[choice.request].request.prompt.count + requests[choice.request].outputs[choice.index].count
  }
}
