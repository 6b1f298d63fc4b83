public import Embedders
public import HTTP
public import RAGPipeline
public import Tokenizers
public import VectorIndexes
public import VectorStores

/// What a server answers Llama Stack's clients with, besides its language model.
public struct StackOptions: Sendable {
  /// A model that makes vectors.
  public struct EmbeddingModel: Sendable {
    /// What requests call it.
    public var id: String
    /// What they may call it besides: the name that its authors gave it.
    public var aliases: [String]
    public var provider: StackConfiguration.Provider
    public var embedder: any Embedder
    /// Its own tokenizer, by which chunks are measured; nil: it has none here.
    public var tokenizer: (any Tokenizer)?

    public init(
      id: String, aliases: [String] = [], provider: StackConfiguration.Provider, embedder: any Embedder,
      tokenizer: (any Tokenizer)?
    ) {
      self.id = id
      self.aliases = aliases
      self.provider = provider
      self.embedder = embedder
      self.tokenizer = tokenizer
    }
  }

  /// Where vector databases are kept.
  public struct VectorProvider: Sendable {
    public var provider: StackConfiguration.Provider
    public var store: any VectorStore
    /// Of databases that are made.
    public var index: IndexSpecification

    public init(
      provider: StackConfiguration.Provider, store: any VectorStore,
      index: IndexSpecification = IndexSpecification(kind: "flat")
    ) {
      self.provider = provider
      self.store = store
      self.index = index
    }
  }

  /// What requests call the language model; nil: as the rest of the server does.
  public var languageProvider = StackConfiguration.Provider(id: "ragmeter", type: "inline::ragmeter")
  /// The first answers `/v1/embeddings`.
  public var embeddings: [EmbeddingModel] = []
  /// Requests that name none mean the first.
  public var vectorProviders: [VectorProvider] = []
  /// Databases that are there from the start.
  public var databases: [StackConfiguration.RegisteredDatabase] = []
  public var agents = StackConfiguration.Provider(id: "meta-reference", type: "inline::meta-reference")
  /// Who calls an agent's `knowledge_search`.
  public var search = AgentSearch.pipeline
  /// Tokens of an answer where the agent does not say.
  public var maxTokens = 512
  public var tools = StackConfiguration.Provider(id: "rag-runtime", type: "inline::rag-runtime")
  /// Of documents that requests name by their URL.
  public var fetching = FetchLimits()
  /// Agents, and sessions of each, that are kept; more are refused.
  public var mostAgents = 10_000

  public init() {}
}
