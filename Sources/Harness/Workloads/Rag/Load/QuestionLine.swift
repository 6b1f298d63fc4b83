internal import Foundation

/// The questions of a pass on their way to those who ask them, and back.
///
/// Questions go on being given out, as long as one that is measured is under way, so that the last of them meets the same load as
/// the first.
///
/// `@unchecked Sendable`: all state is read and written under `condition` alone.
final class QuestionLine: @unchecked Sendable {
  /// Of the measured questions.
  let places: Range<Int>
  private let condition = NSCondition()
  private var nextPlace = 0
  private var unanswered: Int
  private var asked: [AskedQuestion] = []

  init(warmup: Int, measured: Int) {
    places = warmup..<warmup + measured
    unanswered = measured
  }

  /// The place of the next question; nil when all that are measured have ended.
  func next() -> Int? {
    condition.lock()
    defer { condition.unlock() }
    guard unanswered > 0 else { return nil }
    nextPlace += 1
    return nextPlace - 1
  }

  /// Whether all that are measured have ended.
  var isDone: Bool {
    condition.lock()
    defer { condition.unlock() }
    return unanswered == 0
  }

  /// Takes what became of a question; what ends after the last measured one is of no interest any more.
  func end(_ question: AskedQuestion) {
    condition.lock()
    defer { condition.unlock() }
    guard unanswered > 0 else { return }
    asked.append(question)
    guard places.contains(question.place) else { return }
    unanswered -= 1
    if unanswered == 0 { condition.broadcast() }
  }

  func waitUntilDone() {
    condition.lock()
    defer { condition.unlock() }
    while unanswered > 0 { condition.wait() }
  }

  var pass: AskedPass {
    condition.lock()
    defer { condition.unlock() }
    return AskedPass(asked, measured: places)
  }
}
