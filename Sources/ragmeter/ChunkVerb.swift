import Documents
import Files
import Foundation
import ModelFiles
import Spelling

/// `ragmeter chunk INPUT… | --jsonl`
enum ChunkVerb: Verb {
  static let name = "chunk"
  static let summary = "cut documents or JSON lines into chunks"
  static let usage = """
    usage: ragmeter chunk INPUT... [options]
           ragmeter chunk --jsonl [options]

    Writes a line of JSON for every chunk: {"id", "index", "text", "start", "end"}, offsets in UTF-8 bytes of the
    document's text, and "metadata" where there is some.

    INPUT is a text, Markdown, reStructuredText or HTML file, a folder, a URL, a zip archive, JSON lines, a BEIR folder,
    a SQuAD file, or '-' for a text on standard input. With --jsonl, standard input is one {"id", "text"} a line; each
    is answered before the next is read, and a line that is none is named and makes the exit code 1.

      --chunker C         recursive, markdown, sentence, separator, tokens or whole, with or without parameters, such as
                          recursive:size=512,overlap=51 or 'separator:separator="\\n"' (recursive)
      --size N            longest chunk: in characters (512), for tokens in tokens (1024)
      --overlap N         what neighbours may share (a tenth of the size, for tokens a quarter)
      --separator TEXT    what the separator chunker cuts at
      --tokenizer MODEL   whose tokens are counted: a name of 'ragmeter model list', or a folder
      --format F          how INPUT is read, instead of by its ending:
                          \(CorpusFormat.allCases.map(\.rawValue).joined(separator: ", "))
      --glob PATTERN      which files of a folder or an archive are documents (**/*)
      --keep-navigation   take the navigation of HTML pages for text
      --jsonl             answer JSON lines on standard input

    example: ragmeter chunk --chunker recursive --size 512 --overlap 51 --jsonl < documents.jsonl
    """
  static let options: [Option] = [
    .value("--chunker"), .value("--size"), .value("--overlap"), .value("--separator"), .value("--tokenizer"),
    .value("--format"), .value("--glob"), .flag("--keep-navigation"), .flag("--jsonl"),
  ]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let stage = ChunkStage(chunker: try chunker(arguments))
    if arguments.has("--jsonl") {
      if let operand = arguments.operands.first {
        throw UsageError("--jsonl reads standard input; leave out '\(operand)' or --jsonl")
      }
      return try LineExchange.run(name) { try stage.answer(line: $0, number: $1, source: LineExchange.source) }
    }
    guard !arguments.operands.isEmpty else {
      throw UsageError("needs a file, a folder, a URL or '-', or --jsonl for JSON lines on standard input")
    }
    let format = try format(arguments)
    var options = LoadingOptions()
    options.keepsNavigation = arguments.has("--keep-navigation")
    if let glob = arguments.value("--glob") { options.glob = glob }
    for input in arguments.operands {
      if input == "-" {
        try StandardOutput.write(try text(stage))
        continue
      }
      let corpus = try CorpusLoader.load(path: input, format: format, options: options)
      for warning in corpus.warnings { complain("\(name): \(warning)") }
      for document in corpus.documents {
        // Ids are unique in one input alone.
        let id = document.source == input ? input : "\(input)/\(document.id)"
        try StandardOutput.write(try stage.lines(of: document, id: arguments.operands.count > 1 ? id : nil))
      }
    }
    return .success
  }

  /// The chunks of standard input as one text.
  private static func text(_ stage: ChunkStage) throws -> [UInt8] {
    let input = FileHandle.standardInput.readDataToEndOfFile()
    let result = try input.withUnsafeBytes { try stage.answer(text: $0, id: "-") }
    if result.repairs > 0 { complain("\(name): \(result.repairs) broken byte sequences became U+FFFD") }
    return result.lines
  }

  private static func chunker(_ arguments: Arguments) throws -> any Chunker {
    do {
      var specification = try ChunkerSpecification(parsing: arguments.value("--chunker") ?? RecursiveChunker.kind)
      for parameter in ["size", "overlap", "separator", "tokenizer"] {
        guard let value = arguments.value("--\(parameter)") else { continue }
        guard specification.parameters.updateValue(value, forKey: parameter) == nil else {
          throw UsageError("--\(parameter) is given in --chunker too; once is enough")
        }
      }
      return try ChunkerFactory.make(specification) { model in
        try TokenizerReader.read(ModelLibrary(environment: ProcessInfo.processInfo.environment).folder(model))
      }
    } catch let error as ChunkerError {
      throw UsageError("\(error)")
    }
  }

  private static func format(_ arguments: Arguments) throws -> CorpusFormat? {
    try arguments.value("--format").map { word in
      guard let format = CorpusFormat(rawValue: word) else {
        let known = CorpusFormat.allCases.map(\.rawValue)
        throw UsageError("--format is no '\(word)'; \(Spelling.hint(for: word, among: known))")
      }
      return format
    }
  }
}
