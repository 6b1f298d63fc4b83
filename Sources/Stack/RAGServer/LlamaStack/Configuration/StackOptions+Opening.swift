internal import Embedders
internal import Files
public import ModelFiles
internal import VectorStores
internal import YAML

extension StackOptions {
  /// Opens the stores and embedders of a configuration.
  ///
  /// - Parameters:
  ///   - models: where embedders are found, and fetched if need be.
  ///   - threads: how many threads an embedder may keep busy.
  ///   - notice: hears, in a sentence, of what stores mended or found out.
  /// - Throws: `YAMLError` with the place of what cannot be opened; without a file, what the parts themselves throw.
  public init(
    opening configuration: StackConfiguration, models: ModelLibrary, threads: Int,
    notice: @escaping @Sendable (String) -> Void = { _ in }
  ) throws {
    self.init()
    languageProvider = configuration.language.provider
    for model in configuration.embeddings {
      embeddings.append(try Self.at(model.place) { try Self.open(model, models, threads) })
    }
    for provider in configuration.vectorProviders {
      let environment = models.environment.merging(provider.secrets) { $1 }
      let store = try Self.at(provider.place) {
        if let path = provider.store.parameters["path"], path.contains("/") {
          try Folder.make(Folder.parent(of: path))
        }
        return try StoreFactory.open(provider.store, environment: environment, notice: notice)
      }
      vectorProviders.append(VectorProvider(provider: provider.provider, store: store, index: provider.index))
    }
    databases = configuration.databases
    agents = configuration.agents
    search = configuration.search
    maxTokens = configuration.maxTokens ?? maxTokens
    tools = configuration.tools
    fetching = configuration.fetching
  }

  private static func open(
    _ model: StackConfiguration.EmbeddingModel, _ library: ModelLibrary, _ threads: Int
  ) throws -> EmbeddingModel {
    var specification = try EmbedderSpecification(parsing: model.embedder)
    // Configurations name a model as its authors do.
    let entry = library.catalog.entries.first {
      $0.name == specification.kind || Self.names($0.repository).contains(specification.kind)
    }
    if let entry { specification.kind = entry.name }
    let embedder = try EmbedderFactory.make(specification, models: library, threads: threads)
    let isComputedHere = embedder is any TokenEmbedder
    return EmbeddingModel(
      id: model.id ?? embedder.name, aliases: Self.names(entry?.repository) + [embedder.name],
      provider: model.provider, embedder: embedder,
      tokenizer: isComputedHere ? try TokenizerReader.read(library.folder(specification.kind)) : nil)
  }

  /// `OWNER/NAME` and `NAME`.
  private static func names(_ repository: ModelRepository?) -> [String] {
    guard let repository else { return [] }
    return [repository.id] + (repository.id.split(separator: "/").last.map { [String($0)] } ?? [])
  }

  private static func at<Value>(_ place: YAMLPlace?, _ body: () throws -> Value) throws -> Value {
    guard let place else { return try body() }
    do { return try body() } catch { throw YAMLError(place, "\(error)") }
  }
}
