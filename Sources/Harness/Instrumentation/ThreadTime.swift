internal import Foundation

/// What one thread has had of the processors.
public enum ThreadTime {
  /// Seconds of processor time, user's and system's, that the calling thread has taken since it began.
  public static func seconds() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
