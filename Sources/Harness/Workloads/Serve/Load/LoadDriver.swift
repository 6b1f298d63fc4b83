internal import Generation
internal import GenerationClient
internal import Instrumentation
internal import ModelFiles
internal import Statistics

/// Drives one load: decides what is sent when, and tells the collector what became of it.
///
/// All of it are callbacks of one loop. Sessions are begun by the arrivals of an open loop or by the workers of a closed one; a
/// session's next turn is sent once the answer to the last is there. Every request that was scheduled ends in exactly one of:
/// completed, failed, cancelled.
final class LoadDriver {
  /// A conversation under way; of a single request mostly.
  final class Session {
    let number: Int
    /// Turns that are scheduled, fewer than the source's where the load ends with it.
    let turns: Int
    var turn = 0
    var history: [ChatMessage] = []

    init(number: Int, turns: Int) {
      self.number = number
      self.turns = turns
    }
  }

  /// One request under way, or held back.
  final class Flight {
    let number: Int
    let session: Session
    let intended: UInt64
    let load: LoadRequest
    /// When it was held back for the ceiling.
    var heldSince: UInt64?
    var heldBack: UInt64?
    var cancellations: [() -> Void] = []
    var outcomes: [RequestOutcome?]
    /// Requests that it is sent as.
    let parts: Int
    /// Of each output, as they come, where admissions ask.
    var tokens: [Int] = []

    init(number: Int, session: Session, intended: UInt64, load: LoadRequest, parts: Int) {
      self.number = number
      self.parts = parts
      outcomes = Array(repeating: nil, count: parts)
      self.session = session
      self.intended = intended
      self.load = load
    }
  }

  enum Phase: Int, Comparable {
    /// Sessions begin.
    case arriving
    /// None begins any more.
    case draining
    /// Nothing is sent any more.
    case ending

    static func < (left: Phase, right: Phase) -> Bool { left.rawValue < right.rawValue }
  }

  let client: any LoadClient
  let requests: LoadRequests
  let point: LoadPoint
  var admission: KVAdmission?
  var schedule: LoadSchedule
  var collector: LoadCollector
  var precision: PrecisionRule?
  var circuit: CircuitBreaker
  private let seed: UInt64
  var lengths: PromptLengths

  let began: UInt64
  var phase = Phase.arriving
  var flights: [Int: Flight] = [:]
  var nextFlight = 0
  var held: [Flight] = []
  /// Turns that are scheduled and not sent: those of sessions behind the one that is under way.
  var waiting: [ObjectIdentifier: Session] = [:]
  var lastSent: UInt64
  /// Requests that the end of the drain found.
  var unfinished = 0

  init(
    client: any LoadClient, requests: LoadRequests, point: LoadPoint, seed: UInt64, admission: KVAdmission?
  ) throws {
    self.client = client
    self.requests = requests
    self.point = point
    self.admission = admission
    began = client.now
    lastSent = began
    schedule = try LoadSchedule(point, requests, seed: seed)
    collector = LoadCollector(began: began, levels: point.levels, outputs: point.n)
    precision = point.stop.precision.map { PrecisionRule(share: $0, metric: point.stop.metric, seed: seed) }
    circuit = CircuitBreaker(patience: point.patienceSeconds, began: began)
    self.seed = seed
    lengths = requests.lengths
  }

  func run() throws {
    if let first = schedule.windowBegin { collector.windowBegin = began &+ first }
    if let seconds = point.stop.seconds {
      client.at(began &+ LoadSchedule.nanoseconds(seconds)) { [weak self] in self?.timeIsUp() }
    }
    switch point.pattern {
    case .open: expectArrival()
    case .closed(let concurrency): for _ in 0..<concurrency { beginNext(client.now) }
    }
    try client.run { isDone }
    // A client without any limit of time can come to a stop.
    if !isDone { abandon() }
  }

  func result() -> LoadResult {
    var result = collector.finished(at: client.now, isCut: schedule.isCut)
    result.abandoned = circuit.reason
    if let remark = schedule.remark { result.remarks.append(remark) }
    if unfinished > 0 {
      result.remarks.append(
        "\(unfinished) requests were cancelled, for they had not ended \(point.drainSeconds) s behind the last; a longer drain would wait for them"
      )
    }
    return result
  }

  private var isDone: Bool { phase > .arriving && flights.isEmpty && held.isEmpty && waiting.isEmpty }

  // MARK: Arrivals

  /// Waits for the next arrival of an open loop, or ends the arrivals behind the last.
  private func expectArrival() {
    guard let offset = schedule.nextArrival else {
      // A load of so many seconds lasts them, though its last arrival was earlier.
      return schedule.waitsForTime ? () : endArrivals()
    }
    client.at(began &+ offset) { [weak self] in self?.arrive() }
  }

  private func arrive() {
    guard phase == .arriving else { return }
    while phase == .arriving, let offset = schedule.nextArrival, began &+ offset <= client.now {
      schedule.takeArrival()
      begin(intended: began &+ offset)
    }
    if phase == .arriving { expectArrival() }
  }

  /// A worker of a closed loop begins its next session, or has none any more.
  func beginNext(_ intended: UInt64) {
    guard phase == .arriving, schedule.hasSessions else { return endArrivals() }
    begin(intended: intended)
  }

  private func begin(intended: UInt64) {
    let (number, turns) = schedule.takeSession(requests)
    collector.schedule(turns)
    if schedule.isWarm { collector.windowBegin = min(collector.windowBegin ?? intended, intended) }
    ask(Session(number: number, turns: turns), intended: intended)
  }

  /// No session begins any more: the window ends here.
  func endArrivals() {
    guard phase == .arriving else { return }
    phase = .draining
    if schedule.cutsDrain { collector.windowEnd = client.now }
    watchDrain()
  }

  private func timeIsUp() {
    guard phase <= .draining else { return }
    endArrivals()
    dropWaiting()
  }

  // MARK: Turns

  /// Sends the session's turn at `time`, or as soon as that is past.
  func ask(_ session: Session, at time: UInt64) {
    waiting[ObjectIdentifier(session)] = session
    client.at(time) { [weak self] in
      guard let self, waiting.removeValue(forKey: ObjectIdentifier(session)) != nil else { return }
      ask(session, intended: time)
    }
  }

  private func ask(_ session: Session, intended: UInt64) {
    let load = requests.request(
      session: session.number, turn: session.turn, n: point.splitsOutputs ? 1 : point.n, history: session.history,
      lengths: lengths)
    let flight = Flight(
      number: nextFlight, session: session, intended: intended, load: load, parts: point.splitsOutputs ? point.n : 1)
    nextFlight += 1
    if mustWait(flight) { return }
    send(flight)
  }

  func send(_ flight: Flight) {
    flights[flight.number] = flight
    lastSent = client.now
    collector.sent(at: lastSent)
    for part in 0..<flight.parts {
      var request = flight.load.request
      if let seed = request.sampling.seed { request.sampling.seed = seed &+ UInt64(part) }
      let progress = admission == nil ? nil : report(flight, part: part)
      flight.cancellations.append(
        client.send(request, intended: flight.intended, progress: progress) { [weak self] outcome in
          self?.finished(flight.number, part, outcome)
        })
    }
  }

  private func finished(_ number: Int, _ part: Int, _ outcome: RequestOutcome) {
    guard let flight = flights[number] else { return }
    flight.outcomes[part] = outcome
    let outcomes = flight.outcomes.compactMap(\.self)
    guard outcomes.count == flight.parts else { return }
    flights[number] = nil
    flight.cancellations = []
    let outcome = RequestOutcome(joining: outcomes)
    if let words = flight.load.words, let tokens = outcome.promptTokens {
      lengths.learn(words: words, tokens: tokens / flight.parts)
    }
    collector.record(
      outcome,
      LoadCollector.Subject(
        wantedPromptTokens: flight.load.promptTokens.map { $0 * flight.parts }, heldBack: flight.heldBack))
    admission?.finished(id: number)
    consider(outcome)
    goOn(flight, outcome)
    sendHeld()
  }

  /// Whether the run is to end now.
  private func consider(_ outcome: RequestOutcome) {
    circuit.take(outcome)
    if circuit.reason != nil { return abandon() }
    guard phase == .arriving, precision?.isReached(by: collector.result.requests) == true else { return }
    endArrivals()
    dropWaiting()
  }

  /// What its session, or its worker, does next.
  private func goOn(_ flight: Flight, _ outcome: RequestOutcome) {
    let session = flight.session
    session.turn += 1
    let left = session.turns - session.turn
    if left > 0 {
      guard outcome.status == .completed, phase < .ending, !timeIsOver else { return leave(session, left) }
      session.history = requests.history(
        after: flight.load.request, answer: outcome.choices.first?.text ?? "", session.history)
      let thinking = requests.shape.sessions?.thinking ?? .none
      return ask(session, at: outcome.ended &+ pause(thinking, behind: session))
    }
    end(session, outcome)
  }

  /// Some turns of a session never will be sent.
  private func leave(_ session: Session, _ turns: Int) {
    collector.drop(turns)
    end(session, nil)
  }

  /// A worker goes on behind a session, later where that has failed: a server that is gone is not asked thousands of times a
  /// second.
  private func end(_ session: Session, _ outcome: RequestOutcome?) {
    guard case .closed = point.pattern, phase == .arriving else { return }
    guard schedule.hasSessions else { return endArrivals() }
    var pause = pause(point.thinking, behind: session)
    if outcome?.status != .completed { pause = max(pause, circuit.pause) }
    let time = (outcome?.ended ?? client.now) &+ pause
    guard pause > 0 else { return beginNext(time) }
    client.at(time) { [weak self] in self?.beginNext(time) }
  }

  /// Of the seed and the turn alone, in whatever order answers come.
  private func pause(_ thinking: Pause, behind session: Session) -> UInt64 {
    var random = SplitMix64(seed: seed ^ (UInt64(session.number) &* 0x9E37_79B9_7F4A_7C15) &+ UInt64(session.turn))
    return thinking.draw(&random)
  }

  private var timeIsOver: Bool {
    guard let seconds = point.stop.seconds else { return precision?.hasEnded ?? false }
    return client.now >= began &+ LoadSchedule.nanoseconds(seconds)
  }
}
