import CKernels

/// Threads that go through one function together, with barriers in it, and sleep in between; the caller of `run` is the
/// first of them.
///
/// Where `Parallel.forEach` hands out one operation after the other, a team starts once for a whole step of many operations:
/// waking a thread costs more than most of them.
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

  /// Runs `body(thread)` on every thread of the team, 0 on the caller's, and returns when all have come back.
  package func run(_ body: (_ thread: Int) -> Void) {
    withoutActuallyEscaping(body) { body in
      withUnsafePointer(to: body) { pointer in
        ck_team_run(
          team,
          { context, thread in context.assumingMemoryBound(to: ((Int) -> Void).self).pointee(thread) },
          UnsafeMutableRawPointer(mutating: pointer))
      }
    }
  }

  /// The team as the body of a run uses it.
  package var meeting: Meeting { Meeting(team: team) }

  /// What the threads of a run share: a place to wait for each other, and one to take work from. Valid while the team lives.
  package struct Meeting: @unchecked Sendable {
    // Sendable: the pointer leads to what is made for several threads.
    fileprivate let team: OpaquePointer

    /// Waits until all threads of the team are here. What any of them wrote before is seen by all after.
    package func wait() { ck_team_barrier(team) }

    /// Takes `grain` of the places that are handed out between two barriers, from 0 without end, and returns the first.
    package func take(_ grain: Int = 1) -> Int { ck_team_take(team, grain) }

    /// The same for places of which every thread has a share of its own: takes up to `grain` of the thread's share, and when
    /// that is empty, of another's, whose thread may be waiting for a core. nil when all are taken.
    package func takeShare(of count: Int, thread: Int, grain: Int) -> Range<Int>? {
      var first = 0
      let taken = ck_team_take_share(team, thread, count, grain, &first)
      return taken > 0 ? first..<first + taken : nil
    }
  }
}
