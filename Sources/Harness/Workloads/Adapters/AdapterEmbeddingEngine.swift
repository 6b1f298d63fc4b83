internal import Embedders
internal import Foundation

/// An embedding model in another process, spoken to as Benchmarks/adapters/PROTOCOL.md says.
package final class AdapterEmbeddingEngine: EmbeddingEngine {
  /// Name and version as the engine itself tells them; nil before the model is loaded.
  package var version: String? { session.version }

  private let session: AdapterSession
  private let model: String
  private let parameters: [String: String]
  private let folder: AdapterFolder

  /// - Parameters:
  ///   - name: by which tables and failures call it.
  ///   - command: the program and its arguments, as `AdapterCatalogue.command` finds them.
  ///   - model: the model's folder.
  ///   - parameters: how the model runs, by the adapter's own names.
  ///   - environment: added to, and winning over, this process's own.
  ///   - folder: where tokens and embeddings are exchanged; share one between all engines of a run.
  package init(
    name: String, command: [String], model: String, parameters: [String: String], environment: [String: String] = [:],
    timeouts: AdapterTimeouts = AdapterTimeouts(), folder: AdapterFolder
  ) {
    session = AdapterSession(name: name, command: command, environment: environment, timeouts: timeouts)
    self.model = model
    self.parameters = parameters
    self.folder = folder
  }

  /// - Throws: `AdapterError`.
  package func load(threads: Int) throws -> Double {
    try session.open(model: model, threads: threads, parameters: parameters)
  }

  package func privateBytes() throws -> Int? { try session.privateBytes() }

  /// - Throws: `AdapterError`; `EngineError` for texts without tokens.
  package func embed(_ texts: EmbeddingTexts, batch: Int) throws -> EmbeddingPass {
    guard let tokens = texts.tokens else { throw EngineError("adapters embed tokens, and these texts have none") }
    let answers = folder.newResults()
    defer { try? FileManager.default.removeItem(atPath: answers) }
    let files = try folder.files(of: texts, tokens: tokens)
    let request = AdapterRequest.embed(
      tokens: files.tokens, texts: files.texts, vectors: answers, batch: batch)
    let (reply, wall) = try session.ask(request, as: EmbedReply.self)
    let file: EmbeddingFile
    do {
      file = try EmbeddingFile(path: answers, texts: texts.count, calls: (texts.count + batch - 1) / batch)
    } catch {
      throw session.nonsense(error.reason, operation: request.operation)
    }
    try check(reply, file, operation: request.operation, tokens: tokens, wall: wall)
    return EmbeddingPass(
      dimension: file.dimension, vectors: file.vectors, latencies: file.latencies, seconds: reply.seconds,
      tokenizeSeconds: reply.tokenizeSeconds, paddedTokens: reply.paddedTokens, differingTexts: reply.differingTexts)
  }

  package func close() { session.close() }

  /// Refuses times that do not fit into the request, vectors that hold no numbers, and fewer tokens than there are.
  private func check(
    _ reply: EmbedReply, _ file: EmbeddingFile, operation: String, tokens: TokenizedTexts, wall: Double
  ) throws {
    for (field, seconds) in [("seconds", reply.seconds), ("tokenize_seconds", reply.tokenizeSeconds ?? 0)] {
      guard seconds.isFinite, seconds >= 0, seconds <= wall + AdapterSession.slack else {
        throw session.nonsense("\(field) is \(seconds); the whole request took \(wall) s", operation: operation)
      }
    }
    if let call = file.latencies.firstIndex(of: 0) {
      throw session.nonsense("call \(call) took 0 ns", operation: operation)
    }
    // Streams run side by side, but no call takes longer than all of them.
    if let longest = file.latencies.max(), Double(longest) / 1e9 > reply.seconds + AdapterSession.slack {
      throw session.nonsense(
        "a call took \(Double(longest) / 1e9) s; all of them took \(reply.seconds) s", operation: operation)
    }
    if let fault = EmbeddingPass.firstFault(in: file.vectors, dimension: file.dimension) {
      throw session.nonsense(fault, operation: operation)
    }
    if let padded = reply.paddedTokens, padded < tokens.ids.count {
      throw session.nonsense(
        "padded_tokens is \(padded), fewer than the \(tokens.ids.count) tokens of the texts", operation: operation)
    }
    if let differing = reply.differingTexts, !(0...tokens.count).contains(differing) {
      throw session.nonsense("differing_texts is \(differing) of \(tokens.count) texts", operation: operation)
    }
  }
}
