import CKernels

/// Threads that go through one function together, phase by phase, and sleep in between; the caller of `run` is the first of
/// them.
///
/// Where `Parallel.forEach` hands out one operation after the other, a team starts once for a whole step of many operations:
/// waking a thread costs more than most of them. And a phase ends when its work is done, not when all threads have come to
/// its end: one that waits for a core holds up the others by what it has taken, and by no more.
///
/// `@unchecked Sendable`: one thread at a time calls `run`, and what its body touches is the body's affair.
package final class ThreadTeam: @unchecked Sendable {
  package let threads: Int
  private let team: OpaquePointer

  /// nil where the system gives no more threads.
  package init?(threads: Int) {
    guard threads > 0, let team = ck_team_create(threads) else { return nil }
    self.threads = threads
    self.team = team
  }

  deinit { ck_team_destroy(team) }

  /// Runs `body(thread)` on the caller's thread, 0, and on those of the others that come in time; returns when all have come
  /// back. Each goes through phases 0..<`phases`, in order. False, and nothing done, if there is no memory for so many.
  package func run(phases: Int, _ body: (_ thread: Int) -> Void) -> Bool {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { pointer in
        ck_team_run(
          team, phases,
          { context, thread in context.assumingMemoryBound(to: ((Int) -> Void).self).pointee(thread) },
          UnsafeMutableRawPointer(mutating: pointer)) != 0
      }
    }
  }

  /// The team as the body of a run uses it.
  package var meeting: Meeting { Meeting(team: team) }

  /// What the threads of a run share: places to take, phase by phase. Valid while the team lives.
  package struct Meeting: @unchecked Sendable {
    // Sendable: the pointer leads to what is made for several threads.
    fileprivate let team: OpaquePointer

    /// Takes up to `grain` of a phase's places, in order; nil when all are taken.
    package func take(_ phase: Int, of count: Int, grain: Int = 1) -> Range<Int>? {
      var first = 0
      let taken = ck_team_take(team, phase, count, grain, &first)
      return taken > 0 ? first..<first + taken : nil
    }

    /// The same for places of which every thread has a share of its own: takes of the thread's share, and when that is empty,
    /// of another's.
    package func takeShare(_ phase: Int, of count: Int, thread: Int, grain: Int) -> Range<Int>? {
      var first = 0
      let taken = ck_team_take_share(team, phase, thread, count, grain, &first)
      return taken > 0 ? first..<first + taken : nil
    }

    /// Says that `done` places of a phase are done, and waits until all are. What was written for them is seen thereafter.
    package func finish(_ phase: Int, of count: Int, done: Int) { ck_team_finish(team, phase, count, done) }

    /// Runs `body` over what a thread takes of a phase's places, and waits until all are done.
    @inline(__always)
    package func share(
      _ phase: Int, of count: Int, thread: Int, grain: Int, _ body: (_ places: Range<Int>) -> Void
    ) {
      var done = 0
      while let places = takeShare(phase, of: count, thread: thread, grain: grain) {
        body(places)
        done += places.count
      }
      finish(phase, of: count, done: done)
    }
  }
}
