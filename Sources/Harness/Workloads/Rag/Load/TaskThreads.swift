internal import Foundation

/// Threads of their own for tasks that measure, beside Swift's pool: whatever else waits or computes there delays none of them, and
/// a thread that waits for them keeps none of theirs.
///
/// `@unchecked Sendable`: jobs and the flag are read and written under `condition` alone.
final class TaskThreads: TaskExecutor, @unchecked Sendable {
  private let condition = NSCondition()
  private var jobs: [UnownedJob] = []
  private var next = 0
  private var isClosed = false

  init(_ count: Int) {
    for _ in 0..<max(1, count) {
      let thread = Thread { [self] in work() }
      thread.name = "ragmeter.questions"
      thread.stackSize = 8 << 20
      thread.start()
    }
  }

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    condition.lock()
    jobs.append(job)
    condition.signal()
    condition.unlock()
  }

  /// Ends the threads, once nothing is left to run; no task runs here after.
  func close() {
    condition.lock()
    isClosed = true
    condition.broadcast()
    condition.unlock()
  }

  private func work() {
    while let job = take() { job.runSynchronously(on: asUnownedTaskExecutor()) }
  }

  private func take() -> UnownedJob? {
    condition.lock()
    defer { condition.unlock() }
    while next == jobs.count {
      if isClosed { return nil }
      condition.wait()
    }
    let job = jobs[next]
    next += 1
    if next == jobs.count {
      jobs.removeAll(keepingCapacity: true)
      next = 0
    }
    return job
  }

  /// Runs `body` here and waits for it, which a thread of Swift's own pool may do.
  func wait<Result: Sendable>(for body: @escaping @Sendable () async -> Result) -> Result {
    let answer = Answer<Result>()
    Task(executorPreference: self) { answer.give(await body()) }
    return answer.take()
  }

  /// `@unchecked Sendable`: the value is read and written under `condition` alone.
  private final class Answer<Value: Sendable>: @unchecked Sendable {
    private let condition = NSCondition()
    private var value: Value?

    func give(_ value: Value) {
      condition.lock()
      self.value = value
      condition.signal()
      condition.unlock()
    }

    func take() -> Value {
      condition.lock()
      defer { condition.unlock() }
      while true {
        if let value { return value }
        condition.wait()
      }
    }
  }
}
