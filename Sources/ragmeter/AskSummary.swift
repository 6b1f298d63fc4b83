import Foundation
import Generation
import RAGPipeline
import Reports

/// What came of a question besides its answer, for people.
struct AskSummary {
  /// The numbered sources of the answer, a line each.
  let sources: String
  /// How long it took, and what is worth knowing of it.
  let lines: [String]

  /// - Parameter folder: paths below it are shown from there.
  init(_ answer: RAGAnswer, folder: String) {
    let context = answer.context
    let shown = context.sources.enumerated().map { index, source in
      let path =
        source.source.hasPrefix(folder + "/") ? String(source.source.dropFirst(folder.count + 1)) : source.source
      let title = source.title.map { "\($0)  " } ?? ""
      return "  [\(index + 1)] \(String(format: "%.3f", source.distance))  \(title)\(path)\n"
    }
    sources = "\nsources\n\(shown.joined())"

    let times = answer.spans.map { span in
      let name = span.stage.rawValue.replacing("_", with: " ")
      return "\(name) \(HumanNumber.text(Double(span.end - span.start) / 1e9, unit: "s"))"
    }
    var tokens = "prompt \(answer.promptTokens) tokens"
    let parts = [
      context.contextTokens.map { "\($0) of passages" },
      answer.cachedTokens > 0 ? "\(answer.cachedTokens) cached" : nil,
    ].compactMap { $0 }
    if !parts.isEmpty { tokens += " (\(parts.joined(separator: ", ")))" }
    tokens += ", \(answer.choices.count == 1 ? "answer" : "\(answer.choices.count) answers") \(answer.completionTokens)"
    var lines = [times.joined(separator: ", "), tokens]
    if let plan = context.plan {
      lines.append(
        plan.isReadable
          ? "the model searched for '\(context.query)'"
          : "the model called no tool that could be read, and the question was searched for; it said '\(plan.text.prefix(80))'"
      )
    }
    if context.duplicates > 0 {
      lines.append("\(context.duplicates) passages were the same as better ones and left out")
    }
    let wholly = context.cut.count { cut in !context.sources.contains { $0.key == cut.key } }
    if wholly > 0 { lines.append("\(wholly) passages did not fit the budget and were cut") }
    if wholly < context.cut.count { lines.append("the best passage did not fit the budget, and its end was cut off") }
    if answer.choices.contains(where: { $0.finishReason == .length }) {
      lines.append("an answer was stopped at its last token; --max-tokens gives it more")
    }
    self.lines = lines
  }
}
