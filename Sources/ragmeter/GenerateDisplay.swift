import Foundation
import Generation
import Reports

/// Writes outputs as they grow. One flows on as it comes; several are shown side by side on a terminal until they are
/// complete, and stand one behind the other in the end, or from the start where there is no terminal.
struct GenerateDisplay {
  private let terminal = Terminal.standardOutput
  private let isLive: Bool
  private var texts: ParallelTexts
  private let headings: [String]
  private var isFinished: [Bool]
  /// The first output that is not written to its end, and how much of it is.
  private var current = 0
  private var written = 0
  private var hasHeading = false
  /// Lines of the last picture.
  private var shown = 0
  private var lastPicture = ContinuousClock.now - .seconds(1)
  /// Often enough to look like flowing.
  private static let pictureInterval = Duration.milliseconds(66)

  init(choices: Int) {
    headings = (0..<choices).map { "--- output \($0) ---" }
    texts = ParallelTexts(headings: headings)
    isFinished = Array(repeating: false, count: choices)
    isLive = choices > 1 && isatty(STDOUT_FILENO) == 1
  }

  mutating func show(_ event: GenerationEvent) throws {
    switch event {
    case .tokens(let choice, _, let text, _): texts.append(text, to: choice)
    case .finished(let choice, _): isFinished[choice] = true
    case .usage: break
    }
    guard isLive else { return try writeOn() }
    if isFinished.allSatisfy({ $0 }) {
      try clear()
      try writeOn()
    } else if ContinuousClock.now - lastPicture >= Self.pictureInterval {
      try clear()
      let lines = texts.lines(width: terminal.width - 1, height: terminal.height - 1)
      try StandardOutput.write(Array((lines.joined(separator: "\n") + "\n").utf8))
      shown = lines.count
      lastPicture = .now
    }
  }

  /// Takes the last picture off the terminal.
  private mutating func clear() throws {
    if shown > 0 { try StandardOutput.write(Array("\u{1B}[\(shown)A\r\u{1B}[J".utf8)) }
    shown = 0
  }

  /// What has come of the outputs that may be written now.
  private mutating func writeOn() throws {
    while current < headings.count {
      if headings.count > 1, !hasHeading {
        hasHeading = true
        try StandardOutput.write(Array("\(headings[current])\n".utf8))
      }
      let rest = Array(texts.texts[current].utf8.dropFirst(written))
      try StandardOutput.write(rest)
      written += rest.count
      guard isFinished[current] else { return }
      try StandardOutput.write(Array("\n".utf8))
      current += 1
      written = 0
      hasHeading = false
    }
  }
}
