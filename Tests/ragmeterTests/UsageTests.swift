import Foundation
import Testing

/// The built program, run as a user runs it.
@Suite struct UsageTests {
  @Test func helpListsTheVerbs() throws {
    let answer = try Program.run(["help"])
    #expect(answer.status == 0)
    #expect(answer.output.contains("usage: ragmeter VERB [options]"))
    #expect(answer.output.contains("run"))
    #expect(answer.errors.isEmpty)
  }
}
