import Glibc
import Synchronization

/// Threads that sleep between calls of `Parallel.forEach` and take pieces of work from one counter.
///
/// `@unchecked Sendable`: `job` and `workers` are touched by the one caller that holds `busy`, and `job` is read by
/// workers only between the signal that starts them and their report of having finished.
final class WorkerPool: @unchecked Sendable {
  typealias Body = @Sendable (_ worker: Int, _ range: Range<Int>) -> Void

  static let shared = WorkerPool()

  private struct Job {
    let body: UnsafePointer<Body>
    let count: Int
    let grain: Int
    let pieces: Int
  }

  private let busy = Atomic(false)
  private let nextPiece = Atomic(0)
  private let running = Atomic(0)
  private let finished = WakeSignal()
  private var workers: [WakeSignal] = []
  private var job: Job?

  /// Runs the job on `workers` threads, the caller among them; false, having done nothing, if the pool is in use or the
  /// system gives no more threads.
  func run(count: Int, grain: Int, pieces: Int, workers wanted: Int, _ body: Body) -> Bool {
    guard busy.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else { return false }
    defer { busy.store(false, ordering: .releasing) }
    guard start(wanted - 1) else { return false }
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { pointer in
        job = Job(body: pointer, count: count, grain: grain, pieces: pieces)
        nextPiece.store(0, ordering: .relaxed)
        running.store(wanted - 1, ordering: .relaxed)
        for index in 0..<wanted - 1 { workers[index].post() }
        takePieces(worker: 0)
        finished.wait()
        job = nil
      }
    }
    return true
  }

  /// Sees to it that `count` worker threads exist.
  private func start(_ count: Int) -> Bool {
    while workers.count < count {
      let wake = WakeSignal()
      let thread = WorkerThread(pool: self, number: workers.count + 1, wake: wake)
      var handle = pthread_t()
      let context = Unmanaged.passRetained(thread)
      let status = pthread_create(
        &handle, nil,
        { argument in
          guard let argument else { return nil }
          Unmanaged<WorkerThread>.fromOpaque(argument).takeRetainedValue().loop()
        }, context.toOpaque())
      guard status == 0 else {
        context.release()
        return false
      }
      pthread_detach(handle)
      workers.append(wake)
    }
    return true
  }

  fileprivate func work(_ worker: Int) {
    takePieces(worker: worker)
    if running.subtract(1, ordering: .acquiringAndReleasing).newValue == 0 { finished.post() }
  }

  /// Not inlined, so that no reference to the caller's closure outlives it: the caller may go on as soon as `running` says so.
  @inline(never)
  private func takePieces(worker: Int) {
    guard let job else { return }
    while true {
      let piece = nextPiece.add(1, ordering: .relaxed).oldValue
      guard piece < job.pieces else { return }
      let start = piece * job.grain
      job.body.pointee(worker, start..<(job.count - start > job.grain ? start + job.grain : job.count))
    }
  }
}

private final class WorkerThread: Sendable {
  let pool: WorkerPool
  let number: Int
  let wake: WakeSignal

  init(pool: WorkerPool, number: Int, wake: WakeSignal) {
    self.pool = pool
    self.number = number
    self.wake = wake
  }

  func loop() -> Never {
    while true {
      wake.wait()
      pool.work(number)
    }
  }
}
