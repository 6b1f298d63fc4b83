internal import Instrumentation
internal import Statistics

/// What a load point says of when sessions begin, how many, and which of them are measured.
struct LoadSchedule {
  /// Requests, each turn being one; nil: seconds or precision end the load.
  private let limit: Int?
  private let seconds: Double?
  private let isOpen: Bool
  private var arrivals: ArrivalTimes
  /// Seconds.
  private var upcoming: Double?
  private(set) var sessionsTaken = 0
  private(set) var scheduled = 0
  /// Requests that warm up.
  private let warmup: Int?
  /// Whether anything is cut off at all.
  let isCut: Bool
  let cutsDrain: Bool
  /// Nanoseconds from the beginning; nil: the request behind the warm-up ones tells.
  let windowBegin: UInt64?
  let remark: String?

  /// Where an interval may end the load at any time, the warm-up is a share of at most so many requests.
  private static let mostForShare = 1000
  /// Rounds of a closed loop without which neither its beginning nor its end can be told from the rest.
  private static let fewestRounds = 3

  /// - Throws: `EngineError` for a load that never ends.
  init(_ point: LoadPoint, _ requests: LoadRequests, seed: UInt64) throws(EngineError) {
    seconds = point.stop.seconds
    let isOnlyCounted = point.stop.seconds == nil && point.stop.precision == nil
    let everything = (0..<requests.distinctSessions).reduce(0) { $0 + requests.turnCount(ofSession: $1) }
    limit = point.stop.requests ?? (isOnlyCounted ? everything : nil)
    var process = ArrivalProcess.recorded([])
    var concurrency = 0
    switch point.pattern {
    case .open(let given): process = given
    case .closed(let count): concurrency = count
    }
    isOpen = concurrency == 0
    if isOpen, limit == nil, process.rate == .infinity {
      throw EngineError("at an infinite rate only a number of requests ends a load; say how many")
    }
    arrivals = ArrivalTimes(process, seed: seed)
    upcoming = arrivals.next()

    let sessions = limit.map { Self.sessions(of: $0, requests) }
    let isShort = !isOpen && (sessions.map { $0 < Self.fewestRounds * concurrency } ?? false)
    isCut = (point.warmup > 0 || point.cutsDrain) && !isShort
    cutsDrain = isCut && point.cutsDrain
    remark =
      isShort && (point.warmup > 0 || point.cutsDrain)
      ? "\(sessions ?? 0) requests are less than \(Self.fewestRounds) rounds of \(concurrency) at a time, so warm-up and drain are measured too"
      : nil
    let share = isCut ? point.warmup : 0
    let known = point.stop.precision == nil ? limit : min(limit ?? Self.mostForShare, Self.mostForShare)
    warmup = known.map { Int(share * Double($0)) }
    windowBegin = share == 0 ? 0 : point.stop.seconds.map { Self.nanoseconds(share * $0) }
  }

  static func nanoseconds(_ seconds: Double) -> UInt64 { UInt64(max(0, min(seconds, 1e9)) * 1e9) }

  /// Sessions that so many requests are the turns of.
  private static func sessions(of limit: Int, _ requests: LoadRequests) -> Int {
    let inAll = (0..<requests.distinctSessions).reduce(0) { $0 + requests.turnCount(ofSession: $1) }
    var sessions = limit / inAll * requests.distinctSessions
    var left = limit % inAll
    while left > 0 {
      left -= requests.turnCount(ofSession: sessions)
      sessions += 1
    }
    return sessions
  }

  var hasSessions: Bool { limit.map { scheduled < $0 } ?? true }

  /// Nanoseconds from the beginning to the next arrival of an open loop; nil: none comes before the load ends.
  var nextArrival: UInt64? {
    guard hasSessions, let upcoming, seconds.map({ upcoming < $0 }) ?? true else { return nil }
    return Self.nanoseconds(upcoming)
  }

  /// Whether more would arrive if time did not end the load.
  var waitsForTime: Bool { hasSessions && upcoming != nil && nextArrival == nil }

  mutating func takeArrival() { upcoming = arrivals.next() }

  /// The number of the next session, and how many of its turns still belong to the load.
  mutating func takeSession(_ requests: LoadRequests) -> (number: Int, turns: Int) {
    let number = sessionsTaken
    sessionsTaken += 1
    let turns = min(requests.turnCount(ofSession: number), limit.map { $0 - scheduled } ?? .max)
    isWarm = warmup.map { scheduled >= $0 } ?? false
    scheduled += turns
    return (number, turns)
  }

  /// Whether the session that was taken last is behind those that warm up.
  private(set) var isWarm = false

  /// Requests that were to be sent and have not begun: what is lost where a load is given up. Of a closed loop that only time
  /// ends there are none.
  mutating func takeRest(_ requests: LoadRequests) -> Int {
    let before = scheduled
    if isOpen {
      guard limit != nil || seconds != nil else { return 0 }
      while nextArrival != nil {
        takeArrival()
        _ = takeSession(requests)
      }
    } else if let limit {
      scheduled = limit
    }
    return scheduled - before
  }
}

extension Pause {
  /// Nanoseconds.
  func draw(_ random: inout SplitMix64) -> UInt64 {
    switch self {
    case .none: 0
    case .fixed(let seconds): LoadSchedule.nanoseconds(seconds)
    case .exponential(let mean):
      LoadSchedule.nanoseconds(ArrivalProcess.poisson(rate: 1 / mean).times(count: 1, seed: random.next()).first ?? 0)
    }
  }
}
