internal import CEpoll
internal import Glibc

/// Wakes a loop from any thread.
package final class LoopBell: Sendable {
  let descriptor: Int32

  init() { descriptor = eventfd(0, Int32(EFD_NONBLOCK | EFD_CLOEXEC)) }

  deinit { if descriptor >= 0 { close(descriptor) } }

  package func ring() { _ = eventfd_write(descriptor, 1) }
}
