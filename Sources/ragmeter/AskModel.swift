import Foundation
import Generation
import GenerationClient
import ModelFiles
import RAGPipeline

/// What `ask` is to generate with, as its options say: a model here, or a server's.
struct AskModel {
  private enum Place {
    case here(EngineOptions)
    case server(ServerProfile, APIKey?)
  }

  private let place: Place
  /// Of a model here, or as the server calls it.
  private let name: String?
  /// By which prompts to a server are counted.
  private let tokenizer: String?
  private let length: Int?

  /// - Throws: `UsageError` for options that do not go together, before anything is loaded.
  init(_ arguments: Arguments) throws {
    name = arguments.value("--model")
    tokenizer = arguments.value("--tokenizer")
    length = try arguments.value("--max-model-len").map { _ in
      try arguments.integer("--max-model-len", in: 1...1 << 30, default: 1)
    }
    if arguments.value("--url") != nil || arguments.value("--preset") != nil {
      do {
        let profile = try ServerProfile(url: arguments.value("--url"), preset: arguments.value("--preset"))
        let key = try APIKey.find(
          for: profile, variable: arguments.value("--api-key-env"), environment: ProcessInfo.processInfo.environment)
        place = .server(profile, key)
      } catch let error as ClientError { throw UsageError("\(error)") }
      return
    }
    for option in ["--api-key-env", "--tokenizer"] where arguments.value(option) != nil {
      throw UsageError("\(option) is for a server, which --url or --preset names")
    }
    var options = EngineOptions()
    options.maxModelLength = length
    options.threads = try arguments.integer(
      "--threads", in: 1...1024, default: ProcessInfo.processInfo.activeProcessorCount)
    place = .here(options)
  }

  /// A generator, and the limits of its prompts: nil for a server's model whose tokenizer is not named.
  func open() throws -> (generator: any TextGenerator, limits: PromptLimits?, close: () -> Void) {
    let library = try ModelLibrary(environment: ProcessInfo.processInfo.environment)
    switch place {
    case .server(let profile, let key):
      let limits = try tokenizer.map { name in
        try PromptLimits(model: LanguageModel.open(library.folder(name)), contextLength: length)
      }
      return (try RemoteGenerator(server: profile, model: name, key: key), limits, {})
    case .here(let options):
      let folder = try DownloadBar.fetching(name ?? "smollm2-135m", from: library)
      let engine = try Engine.open(model: LanguageModel.open(folder), options: options)
      return (engine, PromptLimits(engine: engine), { Waiting.finish { await engine.shutDown() } })
    }
  }
}
