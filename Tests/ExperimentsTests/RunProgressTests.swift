import Experiments
import Testing

@Suite struct RunProgressTests {
  @Test func theTimeLeftIsEstimatedByKind() {
    var time = 0.0
    var text = ""
    let progress = RunProgress(seconds: { time }, isTerminal: true, write: { text += $0 })
    progress.expect(2, "builds")
    progress.expect(10, "passes")
    progress.step("builds", "hnsw") { time += 30 }
    #expect(progress.remaining == nil)
    progress.step("passes", "hnsw ef=10") { time += 2 }
    #expect(progress.remaining == 48.0)
    progress.skip(4, "passes")
    #expect(progress.remaining == 40.0)
    progress.step("builds", "flat") { time += 10 }
    #expect(progress.remaining == 10.0)
    #expect(text.contains("\r████████░░░░░░░░░░░░ · builds 1/2 · passes 1/6 · 40 s left · flat"))
    progress.note("done")
    #expect(text.hasSuffix("\r\u{1B}[Kdone\n"))
  }

  @Test func onlyNotesAreWrittenToAFile() {
    var text = ""
    let progress = RunProgress(seconds: { 0 }, isTerminal: false, write: { text += $0 })
    progress.expect(1, "builds")
    progress.step("builds", "hnsw") {}
    progress.note("a sentence")
    #expect(text == "a sentence\n")
  }
}
