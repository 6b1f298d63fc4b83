internal import Foundation
internal import Instrumentation
internal import RAGPipeline

/// Puts the questions of a pass to an answerer.
///
/// A **closed** loop has a task for each user. An **open** one starts a task for each question from a thread that does nothing
/// else, at moments that the seed fixes, whatever became of the questions before; latencies count from these moments, so that a
/// stalled answerer cannot hide who waits for it, nor a late start of the task itself.
struct QuestionAsker: Sendable {
  /// The text of the question at a place of the pass.
  let question: @Sendable (_ place: Int) -> String
  let warmup: Int
  let measured: Int
  /// Of the arrivals.
  let seed: UInt64
  let threads: TaskThreads

  /// Stages of different questions side by side.
  func ask(_ answerer: any QuestionAnswerer, _ load: QuestionLoad) -> AskedPass {
    let line = QuestionLine(warmup: warmup, measured: measured)
    switch load.pattern {
    case .users(let count):
      let users = (0..<count).map { _ in
        Task(executorPreference: threads) {
          while let place = line.next() {
            await end(place, at: MonotonicClock.now(), answerer, line)
          }
        }
      }
      finish(users, line)
    case .open(let process):
      var tasks: [Task<Void, Never>] = []
      var schedule = Schedule(process, seed: seed)
      while let intended = schedule.next(), wait(until: intended, line), let place = line.next() {
        tasks.append(Task(executorPreference: threads) { await end(place, at: intended, answerer, line) })
      }
      finish(tasks, line)
    }
    return line.pass
  }

  private func end(_ place: Int, at intended: UInt64, _ answerer: any QuestionAnswerer, _ line: QuestionLine) async {
    let started = MonotonicClock.now()
    let result: Result<RAGAnswer, QuestionFailure>
    do {
      result = .success(try await answerer.answer(question(place), history: []) { _ in })
    } catch {
      result = .failure(QuestionFailure(description: "\(error)"))
    }
    line.end(
      AskedQuestion(place: place, intended: intended, started: started, ended: MonotonicClock.now(), result: result))
  }

  /// Questions that only keep the load up are taken back when the last measured one has its answer.
  private func finish(_ tasks: [Task<Void, Never>], _ line: QuestionLine) {
    line.waitUntilDone()
    for task in tasks { task.cancel() }
    threads.wait { for task in tasks { await task.value } }
  }

  /// - Returns: false if the pass is over before.
  private func wait(until moment: UInt64, _ line: QuestionLine) -> Bool {
    while true {
      let now = MonotonicClock.now()
      guard now < moment else { return true }
      if line.isDone { return false }
      Thread.sleep(forTimeInterval: min(MonotonicClock.seconds(from: now, to: moment), Self.longestNap))
    }
  }

  /// Seconds after which a schedule with long gaps sees that nobody waits for its questions any more.
  private static let longestNap = 0.05

  /// The moments of an open loop.
  private struct Schedule {
    private var times: ArrivalTimes
    private let start = MonotonicClock.now()

    init(_ process: ArrivalProcess, seed: UInt64) { times = ArrivalTimes(process, seed: seed) }

    mutating func next() -> UInt64? { times.next().map { start + UInt64($0 * 1e9) } }
  }

  /// In waves: the questions that are there retrieve together, and when all have, they are generated together, while later ones
  /// wait.
  func askInWaves(_ pipeline: RAGPipeline, _ load: QuestionLoad) -> AskedPass {
    let line = QuestionLine(warmup: warmup, measured: measured)
    switch load.pattern {
    case .users(let count):
      while !line.isDone {
        let now = MonotonicClock.now()
        wave((0..<count).compactMap { _ in line.next().map { ($0, now) } }, pipeline, line)
      }
    case .open(let process):
      var schedule = Schedule(process, seed: seed)
      var upcoming = schedule.next()
      while let first = upcoming, wait(until: first, line) {
        var members: [(place: Int, intended: UInt64)] = []
        while let intended = upcoming, intended <= MonotonicClock.now(), let place = line.next() {
          members.append((place, intended))
          upcoming = schedule.next()
        }
        if members.isEmpty { break }
        wave(members, pipeline, line)
      }
    }
    return line.pass
  }

  private func wave(_ members: [(place: Int, intended: UInt64)], _ pipeline: RAGPipeline, _ line: QuestionLine) {
    let prepared = Prepared(members.count)
    ThreadCrew.run(members.count) { worker in
      let started = MonotonicClock.now()
      let result: Result<PreparedQuestion, QuestionFailure>
      do {
        result = .success(try pipeline.prepare(question(members[worker].place)))
      } catch {
        result = .failure(QuestionFailure(description: "\(error)"))
      }
      prepared.put((started, result), at: worker)
    }
    let tasks = zip(members, prepared.all).map { member, half in
      Task(executorPreference: threads) {
        let result: Result<RAGAnswer, QuestionFailure>
        do {
          result = .success(try await pipeline.generate(try half.result.get()) { _ in })
        } catch {
          result = .failure(QuestionFailure(description: "\(error)"))
        }
        line.end(
          AskedQuestion(
            place: member.place, intended: member.intended, started: half.started, ended: MonotonicClock.now(),
            result: result))
      }
    }
    threads.wait { for task in tasks { await task.value } }
  }

  /// What the threads of a wave leave.
  ///
  /// `@unchecked Sendable`: written under `lock`; read when the crew has gone.
  private final class Prepared: @unchecked Sendable {
    typealias Half = (started: UInt64, result: Result<PreparedQuestion, QuestionFailure>)
    private let lock = NSLock()
    private var halves: [Half?]

    init(_ count: Int) { halves = Array(repeating: nil, count: count) }

    func put(_ half: Half, at place: Int) { lock.withLock { halves[place] = half } }

    var all: [Half] { lock.withLock { halves.compactMap { $0 } } }
  }
}
