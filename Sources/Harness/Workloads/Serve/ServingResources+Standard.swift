internal import Experiments
internal import Foundation
internal import GenerationClient
internal import ModelFiles
internal import Tokenizers

extension ServingResources {
  /// Our own server, as a process of this program; servers that commands start; and those that are there.
  ///
  /// - Parameters:
  ///   - program: what runs this program.
  ///   - environment: holds the keys of servers, and is what started ones get.
  package static func standard(program: String, environment: [String: String]) -> ServingResources {
    ServingResources(
      tokenizer: { choice in
        guard let model = choice.tokenizer ?? choice.model else { return nil }
        // A server of others may have models that nobody here knows.
        let folder = Result { try ModelLibrary(environment: environment).folder(model) }
        if choice.isOwn || choice.tokenizer != nil { return try TokenizerReader.read(try folder.get()) }
        return try? TokenizerReader.read(try folder.get())
      },
      open: { choice, options in
        try ClientOfServer(choice, options: options, program: program, environment: environment)
      })
  }
}
