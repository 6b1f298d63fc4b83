import Foundation
import ModelFiles

/// `ragmeter tokenize --model M TEXT… | --jsonl`
enum TokenizeVerb: Verb {
  static let name = "tokenize"
  static let summary = "turn texts into the token ids of a model"
  static let options: [Option] = [
    .value("--model"), .flag("--no-special"), .flag("--jsonl"), .value("--json"),
  ]
  static let usage = """
    usage: ragmeter tokenize --model M [options] TEXT|FILE|-...
           ragmeter tokenize --model M [options] --jsonl

    Writes a line of JSON for every text: {"id", "ids"}. A text is an operand, the whole of a file, or '-' for standard
    input. With --jsonl, standard input is one {"id", "text"} a line, answered in the same order; a line that is none is
    named and makes the exit code 1.

      --model M      a name of 'ragmeter model list', or the path of a folder, which holds a slash (minilm)
      --no-special   without what the model expects around a text, such as [CLS] and [SEP]
      --jsonl        answer JSON lines on standard input
      --json FILE    write the lines to a file; '-' for standard output

    example: ragmeter tokenize --model minilm "How is data stored?"
    """

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let library = try ModelLibrary(environment: ProcessInfo.processInfo.environment)
    let folder = try DownloadBar.fetching(arguments.value("--model") ?? "minilm", from: library)
    let stage = TokenizeStage(
      tokenizer: try TokenizerReader.read(folder), addsSpecialTokens: !arguments.has("--no-special"))
    let output = try ResultLines(arguments)
    let code = try TextInput.forEachSlice(name, arguments) { try output.write($0.flatMap(stage.answer)) }
    try output.commit()
    return code
  }
}
