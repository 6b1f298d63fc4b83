import Foundation
import Generation
import GenerationClient
import ModelFiles
import RAGPipeline

/// What `ask` generates with: a model here, or a server's.
struct AskModel {
  let generator: any TextGenerator
  /// nil for a server's model whose tokenizer is not named.
  let limits: PromptLimits?
  private let engine: Engine?

  init(_ arguments: Arguments) throws {
    let environment = ProcessInfo.processInfo.environment
    let library = try ModelLibrary(environment: environment)
    let length = try arguments.value("--max-model-len").map { _ in
      try arguments.integer("--max-model-len", in: 1...1 << 30, default: 1)
    }
    if arguments.value("--url") != nil || arguments.value("--preset") != nil {
      let profile: ServerProfile
      do { profile = try ServerProfile(url: arguments.value("--url"), preset: arguments.value("--preset")) } catch {
        throw UsageError("\(error)")
      }
      let key = try APIKey.find(for: profile, variable: arguments.value("--api-key-env"), environment: environment)
      generator = try RemoteGenerator(server: profile, model: arguments.value("--model"), key: key)
      limits = try arguments.value("--tokenizer").map { name in
        try PromptLimits(model: LanguageModel.open(library.folder(name)), contextLength: length)
      }
      engine = nil
      return
    }
    for option in ["--api-key-env", "--tokenizer"] where arguments.value(option) != nil {
      throw UsageError("\(option) is for a server, which --url or --preset names")
    }
    var options = EngineOptions()
    options.maxModelLength = length
    options.threads = try arguments.integer(
      "--threads", in: 1...1024, default: ProcessInfo.processInfo.activeProcessorCount)
    let folder = try DownloadBar.fetching(arguments.value("--model") ?? "smollm2-135m", from: library)
    let engine = try Engine.open(model: LanguageModel.open(folder), options: options)
    generator = engine
    limits = PromptLimits(engine: engine)
    self.engine = engine
  }

  func close() {
    if let engine { Waiting.finish { await engine.shutDown() } }
  }
}
