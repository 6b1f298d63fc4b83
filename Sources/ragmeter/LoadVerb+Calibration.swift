import Foundation
import Reports
import Workloads

extension LoadVerb {
  /// `--calibrate`: what this client can do on this machine.
  static func calibrate(_ arguments: Arguments) throws -> ExitCode {
    let result = try Calibration().run { step in
      FileHandle.standardError.write(Data("calibrating: \(step)\n".utf8))
    }
    let terminal = Terminal.standardOutput
    print(table(result).terminal(width: terminal.width, color: terminal.hasColor), terminator: "")
    for sentence in sentences(result) { print(sentence) }
    return result.isSound ? .success : .failure
  }

  private static func table(_ result: CalibrationResult) -> Table {
    var table = Table(
      title: "this client against a server that generates nothing",
      caption: "over loopback, on one thread",
      columns: [Table.Column("load")]
        + ["requests/s", "tokens/s"].map { Table.Column($0, alignment: .right, unit: "1/s") }
        + [Table.Column("streams", alignment: .right, unit: "1")]
        + ["TTFT p50", "p99", "lag p99"].map { Table.Column($0, alignment: .right, unit: "s") }
        + [
          Table.Column("late", alignment: .right, unit: "%"), Table.Column("CPU", alignment: .right, unit: "%"),
          Table.Column("CPU a request", alignment: .right, unit: "s"),
        ])
    func seconds(_ value: Double?) -> Table.Cell { value.map { .number($0, unit: "s") } ?? Table.Cell("–") }
    for step in result.steps {
      table.rows.append(
        Table.Row([
          Table.Cell(step.name), .number(step.requestsPerSecond, unit: "1/s"),
          .number(step.tokensPerSecond, unit: "1/s"),
          .number(Double(step.streams), unit: "1"), seconds(step.ttftP50), seconds(step.ttftP99), seconds(step.lagP99),
          step.lagP99 == nil ? Table.Cell("–") : .number(step.lateShare * 100, unit: "%"),
          .number(step.busyShare * 100, unit: "%"), seconds(step.cpuPerRequest),
        ]))
    }
    return table
  }

  private static func sentences(_ result: CalibrationResult) -> [String] {
    func rate(_ value: Double, _ step: CalibrationResult.Step) -> String {
      (step.isLowerBound ? "at least " : "") + HumanNumber.text(value, unit: "1/s")
    }
    var sentences = [
      "ceiling: \(rate(result.requests.requestsPerSecond, result.requests)) requests/s, "
        + "\(rate(result.streams.tokensPerSecond, result.streams)) tokens/s of \(result.openStreams) streams; "
        + "\(HumanNumber.text(result.cpuPerToken, unit: "s")) of CPU a token",
      "latency floor: TTFT "
        + (result.floor.ttftP50.map { HumanNumber.text($0, unit: "s") } ?? "unknown") + " (p50)",
    ]
    for step in result.steps where step.failed > 0 { sentences.append("\(step.name): \(step.failed) requests failed") }
    sentences += result.half.doubts.map { "at half the ceiling: \($0)" }
    sentences.append(
      result.isSound
        ? "valid: a schedule of half the ceiling is kept"
        : "invalid: this client cannot keep half its ceiling's schedule")
    return sentences
  }
}
