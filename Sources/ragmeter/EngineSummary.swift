import Generation
import Reports

/// What an engine did, in lines for people.
struct EngineSummary {
  let lines: [String]

  init(_ statistics: EngineStatistics, blockSize: Int) {
    let totals = statistics.totals
    func rate(_ tokens: Double?) -> String {
      tokens.map { " at \(HumanNumber.text($0, unit: "1/s")) tokens/s" } ?? ""
    }
    let batch = totals.steps == 0 ? 0 : Double(totals.runningSequences) / Double(totals.steps)
    lines = [
      "prefill \(totals.prefillTokens) tokens\(rate(statistics.prefillTokensPerSecond)), "
        + "decode \(totals.decodeTokens) tokens\(rate(statistics.decodeTokensPerSecond)), "
        + "\(HumanNumber.text(batch, unit: "1")) sequences a step",
      "KV blocks of \(blockSize) tokens: \(totals.peakBlocksUsed) used at most, \(statistics.peakBlocksShared) shared by "
        + "several outputs, which saved \(statistics.peakBlocksSaved); \(totals.copies) copied on write, "
        + "\(totals.cachedPromptTokens) tokens from the prefix cache, \(totals.preemptions) preemptions",
    ]
  }
}
