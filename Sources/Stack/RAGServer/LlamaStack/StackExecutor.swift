internal import Dispatch

/// Runs turns on a queue of their own. Swift's pool has a thread a core, and whoever blocks one elsewhere in the process would
/// hold up every answer; what blocks in a turn has threads of its own.
final class StackExecutor: TaskExecutor {
  private let queue = DispatchQueue(label: "ragmeter.stack.turns")

  func enqueue(_ job: consuming ExecutorJob) {
    let job = UnownedJob(job)
    queue.async { [self] in job.runSynchronously(on: asUnownedTaskExecutor()) }
  }
}
