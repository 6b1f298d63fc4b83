import Documents
import Embedders
import Foundation
import Generation
import ModelFiles
import RAGPipeline
import TestFixtures
import Testing
import VectorIndexes
import VectorStores

/// The models of the cache, where they have been fetched.
private enum CachedModel {
  static func folder(_ name: String) throws -> ModelFolder {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["RAGMETER_MODELS"] ?? "\(environment["HOME"] ?? "")/.cache/ragmeter/models"
    return try ModelFolder(path: "\(cache)/\(name)")
  }

  static var areHere: Bool {
    (try? folder("minilm").has("model.safetensors")) == true && (try? folder("smollm2-135m")) != nil
  }
}

/// MiniLM and SmolLM2 on the project's handbook, where both are in the cache of models; skipped otherwise.
@Suite(.enabled(if: CachedModel.areHere, "minilm and smollm2-135m are not in the cache of models"))
struct RealModelTests {
  private static func passage(_ name: String) throws -> Document {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .appending(path: "../../datasets/handbook/passages/\(name).md").standardizedFileURL.path
    return Document(id: name, text: try String(contentsOfFile: path, encoding: .utf8), source: path)
  }

  /// Documents are stored and found, their words reach the model, and budgets are counted in its own tokens.
  @Test func theHandbookIsAsked() async throws {
    let files = TemporaryFolder()
    let store = try EmbeddedStore(path: "\(files.path)/handbook.store")
    let embedder = try BERTEmbedder(folder: CachedModel.folder("minilm"), precision: .f32, threads: 2)
    var ingestion = try Ingestion(
      chunker: MarkdownChunker(length: ChunkLength(size: 512, overlap: 51)), embedder: embedder, store: store,
      schema: CollectionSchema(
        name: "handbook", dimension: embedder.dimension, metric: .ip, index: IndexSpecification(kind: "flat")))
    try ingestion.add(["goodput", "hnsw-parameters", "bm25"].map(Self.passage))
    try ingestion.finish()
    let retriever = try StoreRetriever(embedder: embedder, store: store, collection: "handbook", now: { 0 })
    let model = try LanguageModel.open(CachedModel.folder("smollm2-135m"))
    var engineOptions = EngineOptions()
    engineOptions.threads = 2
    let engine = try Engine.open(model: model, options: engineOptions)
    var options = RAGOptions()
    options.limit = 4
    options.budget = 250
    options.sampling.temperature = 0
    options.sampling.maxTokens = 24
    let pipeline = try RAGPipeline(
      retriever: retriever, generator: engine, options: options, limits: PromptLimits(engine: engine), now: { 0 })
    let answer = try await pipeline.answer("What does goodput measure?")
    #expect(answer.context.sources[0].document == "goodput")
    #expect(answer.context.found.count == 4 && answer.context.cut.count >= 1)
    #expect(answer.context.passages.count + answer.context.cut.count == 4)
    let tokens = try #require(answer.context.contextTokens)
    #expect(tokens > 100 && tokens <= 250)
    #expect(answer.promptTokens == (try engine.tokens(of: .messages(answer.context.messages)).count))
    #expect(answer.choices[0].text.localizedCaseInsensitiveContains("goodput"), "\(answer.choices[0].text)")
    // The files of a model count as the engine that has it open.
    let messages = answer.context.messages
    #expect(try PromptLimits(model: model).tokens(messages) == PromptLimits(engine: engine).tokens(messages))
    // Asked again, the whole blocks of the prompt are in the prefix cache.
    let again = try await pipeline.answer("What does goodput measure?")
    #expect(again.choices[0].text == answer.choices[0].text && again.cachedTokens > answer.promptTokens - 32)
    await engine.shutDown()
    try store.close()
  }
}
