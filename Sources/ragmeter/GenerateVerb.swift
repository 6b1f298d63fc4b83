import Foundation
import Generation
import ModelFiles

/// `ragmeter generate --model M --prompt TEXT | --jsonl`
enum GenerateVerb: Verb {
  static let name = "generate"
  static let summary = "let a language model go on with a text, in several ways at once"
  static let options: [Option] =
    [
      .value("--model"), .value("--prompt"), .flag("--chat"), .value("--system"), .flag("--jsonl"), .value("--json"),
    ] + samplingOptions + engineOptions
  static let usage = """
    usage: ragmeter generate [options] --prompt TEXT
           ragmeter generate [options] TEXT|FILE|-
           ragmeter generate [options] --jsonl

    Writes what a model says next, as it says it. A prompt is --prompt, an operand, the whole of a file, or '-' for standard
    input, and goes to the model as it is; with --chat it becomes a user's message in the model's own chat template.
    Several outputs share the KV blocks of their prompt and are computed together: a terminal shows them side by side as
    they grow, and they stand one behind the other in the end. What the engine did is told on standard error.

    With --jsonl, standard input is one {"id", "prompt"} or {"id", "messages": [{"role", "content"}, ...]} a line, batched by
    the engine as they come; a line {"id", "index", "text", "token_ids", "finish_reason"} answers each output, in the order
    of the input. Messages go through the model's chat template. A line that cannot be answered is named and makes the exit
    code 1.

      --model M              a name of 'ragmeter model list', or the path, with a slash, of a folder or a .gguf file
                             (smollm2-135m)
      --prompt TEXT          the prompt, as it is
      --chat                 the prompt is a user's message
      --system TEXT          a system message before it; goes with --chat
      --jsonl                answer JSON lines on standard input
      --json FILE            write the lines of JSON to a file; '-' for standard output

    \(samplingUsage)

    \(engineUsage)

    example: ragmeter generate --model smollm2-135m --chat --n 3 --prompt "Name a colour and a fruit."
    """

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let sampling = try sampling(arguments)
    let options = try engineOptions(arguments)
    let prompt = try arguments.has("--jsonl") ? nil : prompt(arguments)
    if prompt == nil, let word = unread(arguments) {
      throw UsageError("--jsonl reads standard input; leave out \(word) or --jsonl")
    }
    let library = try ModelLibrary(environment: ProcessInfo.processInfo.environment)
    let folder = try DownloadBar.fetching(arguments.value("--model") ?? "smollm2-135m", from: library)
    let model = try LanguageModel.open(folder)
    let engine = try Engine.open(model: model, options: options)
    defer { Waiting.finish { await engine.shutDown() } }
    let code: ExitCode
    if let prompt {
      code = try answer(GenerationRequest(prompt: prompt, sampling: sampling), engine, arguments)
    } else {
      code = try GenerateLines(engine: engine, sampling: sampling, output: ResultLines(arguments)).run()
    }
    for line in EngineSummary(engine.statistics, blockSize: options.policy.blockSize).lines {
      complain("\(name): \(line)")
    }
    return code
  }

  private static func unread(_ arguments: Arguments) -> String? {
    if let operand = arguments.operands.first { return "'\(operand)'" }
    return ["--prompt", "--system"].first { arguments.value($0) != nil } ?? (arguments.has("--chat") ? "--chat" : nil)
  }

  private static func prompt(_ arguments: Arguments) throws -> GenerationRequest.Prompt {
    let given = arguments.value("--prompt")
    guard arguments.operands.count == (given == nil ? 1 : 0) else {
      throw UsageError("needs one prompt: --prompt TEXT, a text, a file or '-'; --jsonl takes many on standard input")
    }
    var text = given ?? ""
    if given == nil { _ = try TextInput.forEachSlice(name, arguments) { text = $0[0].text } }
    guard arguments.has("--chat") else {
      guard arguments.value("--system") == nil else { throw UsageError("--system goes with --chat") }
      return .text(text)
    }
    let system = arguments.value("--system").map { [ChatMessage(role: "system", content: $0)] } ?? []
    return .messages(system + [ChatMessage(role: "user", content: text)])
  }

  /// Shows the outputs of one request, or writes their lines of JSON.
  private static func answer(
    _ request: GenerationRequest, _ engine: Engine, _ arguments: Arguments
  ) throws -> ExitCode {
    let output = arguments.value("--json") == nil ? nil : try ResultLines(arguments)
    let isShown = output == nil
    let generated = try Waiting.run {
      var text = GeneratedText(choices: request.sampling.n)
      var display = GenerateDisplay(choices: request.sampling.n)
      for try await event in try await engine.generate(request) {
        text.take(event)
        if isShown { try display.show(event) }
      }
      return text
    }
    try output?.write(generated.lines(id: nil))
    try output?.commit()
    return .success
  }
}
