import Files
import Foundation
import Reports
import RunStore

/// `ragmeter report RUN…`
enum ReportVerb: Verb {
  static let name = "report"
  static let summary = "render stored runs as tables, Markdown, CSV, JSON and plots"
  static let usage = """
    usage: ragmeter report RUN... [options]

    RUN is the id of a stored run, the start of an id, a run's name (its newest run), 'latest', or a JSON file that
    '--json' wrote. Several runs are printed one after the other; files and plots are of one.

      --store FILE        the database of runs (\(RunOutputs.store))
    \(RunOutputs.usage)

    example: ragmeter report latest --markdown - --plots results/plots
    """
  static let options = [Option.value("--store")] + RunOutputs.options

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard !arguments.operands.isEmpty else { throw UsageError("needs at least one RUN, such as 'latest'") }
    if arguments.operands.count > 1,
      let option = RunOutputs.options.first(where: { arguments.value($0.name) != nil })
    {
      throw UsageError("\(option.name) takes one RUN, not \(arguments.operands.count)")
    }
    let outputs = try RunOutputs(arguments)
    let runs = try arguments.operands.map { try find($0, in: arguments.value("--store") ?? RunOutputs.store) }
    for (number, run) in runs.enumerated() {
      if number > 0 { try OutputFile.write(Data("\n".utf8), to: "-") }
      try outputs.write(run.record, store: run.store)
    }
    return .success
  }

  /// A file of that name goes before a stored run.
  private static func find(_ text: String, in path: String) throws -> (record: RunRecord, store: RunStore?) {
    var isFolder: ObjCBool = false
    if FileManager.default.fileExists(atPath: text, isDirectory: &isFolder), !isFolder.boolValue {
      guard let json = FileManager.default.contents(atPath: text) else {
        throw RunStoreError.notARun(source: text, reason: "the file cannot be read")
      }
      return (try RunRecord(json: json, source: text), nil)
    }
    let store = try RunStore(path: path, access: .readOnly)
    guard text == "latest" else { return (try store.run(store.find(text).id), store) }
    guard let newest = try store.runs(limit: 1).first else { throw RunStoreError.noSuchRun(text, path: path) }
    return (try store.run(newest.id), store)
  }
}
