import Embedders
import Foundation
import ModelFiles

/// `ragmeter embed --model M TEXT… | --jsonl`
enum EmbedVerb: Verb {
  static let name = "embed"
  static let summary = "turn texts into vectors"
  static let options: [Option] = [
    .value("--model"), .value("--precision"), .value("--role"), .value("--threads"), .flag("--jsonl"), .value("--json"),
  ]
  static let usage = """
    usage: ragmeter embed --model M [options] TEXT|FILE|-...
           ragmeter embed --model M [options] --jsonl

    Writes a line of JSON for every text: {"id", "embedding", "tokens", "truncated"}. A text is an operand, the whole of a
    file, or '-' for standard input. With --jsonl, standard input is one {"id", "text"} a line, answered in the same order;
    a line that is none is named and makes the exit code 1. Texts that are longer than the model reads are marked and
    counted.

      --model M           a name of 'ragmeter model list' or the path of a folder, which holds a slash; 'hashing', or
                          'openai:url=URL,model=NAME' for a service; parameters follow a colon (minilm)
      --precision P       f32, bf16, int8, or fast for the fastest that keeps a mean cosine of 0.999 to f32 (f32)
      --role R            document or query, for models that were trained with a prefix for each (document)
      --threads N         threads to keep busy (all cores)
      --jsonl             answer JSON lines on standard input
      --json FILE         write the lines to a file; '-' for standard output

    example: ragmeter embed --model minilm --precision fast --jsonl < chunks.jsonl
    """

  static func run(_ arguments: Arguments) throws -> ExitCode {
    var specification = try specification(arguments)
    if let precision = arguments.value("--precision") {
      guard specification.parameters.updateValue(precision, forKey: "precision") == nil else {
        throw UsageError("--precision is given in --model too; once is enough")
      }
    }
    let role = arguments.value("--role") ?? EmbeddingRole.document.rawValue
    guard let role = EmbeddingRole(rawValue: role) else {
      throw UsageError("--role is document or query, not '\(role)'")
    }
    let cores = ProcessInfo.processInfo.activeProcessorCount
    let threads = try arguments.integer("--threads", in: 1...1024, default: cores)
    let library = try ModelLibrary(environment: ProcessInfo.processInfo.environment)
    if library.catalog[specification.kind] != nil {
      _ = try DownloadBar.fetching(specification.kind, from: library)
    }
    let embedder = try EmbedderFactory.make(specification, models: library, threads: threads)
    var stage = EmbedStage(embedder: embedder, role: role)
    let output = try ResultLines(arguments)
    let code = try TextInput.forEachSlice(name, arguments) { try output.write(stage.answer($0)) }
    try output.commit()
    if let report = stage.truncationReport { complain("\(name): \(report)") }
    return code
  }

  private static func specification(_ arguments: Arguments) throws -> EmbedderSpecification {
    do { return try EmbedderSpecification(parsing: arguments.value("--model") ?? "minilm") } catch {
      throw UsageError("--model: \(error)")
    }
  }
}
