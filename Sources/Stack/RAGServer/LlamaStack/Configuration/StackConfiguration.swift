public import HTTP
public import RAGPipeline
public import VectorIndexes
public import VectorStores
public import YAML

/// What a server is made of, in the manner of Llama Stack's `run.yaml`.
public struct StackConfiguration: Sendable {
  /// Who provides something, as `/v1/providers` tells it.
  public struct Provider: Sendable, Equatable {
    /// What requests call it: "milvus".
    public var id: String
    /// "inline::milvus", "remote::vllm", ….
    public var type: String

    public init(id: String, type: String) {
      self.id = id
      self.type = type
    }
  }

  /// The model that answers.
  public struct LanguageModel: Sendable {
    public enum Source: Sendable {
      /// A name of the catalogue, or the path of a folder or a file, which holds a slash.
      case local(name: String)
      case remote(RemoteModel)
    }

    /// What requests call it; nil: by its own name.
    public var id: String?
    public var provider: Provider
    public var source: Source
  }

  /// A model of another server.
  public struct RemoteModel: Sendable {
    /// What that server calls it.
    public var name: String
    public var url: String
    /// How it differs from others: a preset of `ServerProfile`.
    public var preset: String
    /// The variable with the key that the file gives, and its value; nil: the preset's own, where the environment has it.
    public var key: (variable: String, value: String)?
  }

  /// A model that makes vectors.
  public struct EmbeddingModel: Sendable {
    /// What requests call it; nil: by its own name.
    public var id: String?
    public var provider: Provider
    /// By the words of `EmbedderSpecification`.
    public var embedder: String
    /// Where the file says so.
    public var place: YAMLPlace?
  }

  /// Where vector databases are kept.
  public struct VectorProvider: Sendable {
    public var provider: Provider
    public var store: StoreSpecification
    /// Secrets of the file, by the names under which stores look for them in the environment.
    public var secrets: [String: String]
    /// Of databases that are made.
    public var index: IndexSpecification
    /// Where the file says so.
    public var place: YAMLPlace?
  }

  /// A database that is there from the start.
  public struct RegisteredDatabase: Sendable {
    public var id: String
    public var embeddingModel: String
    public var provider: String
    public var place: YAMLPlace
  }

  public var language: LanguageModel
  /// The first answers `/v1/embeddings`.
  public var embeddings: [EmbeddingModel]
  public var vectorProviders: [VectorProvider]
  public var databases: [RegisteredDatabase]
  public var agents: Provider
  /// Who calls an agent's `knowledge_search`.
  public var search: AgentSearch
  /// Tokens of an answer, where the request does not say; nil: the server's own choice.
  public var maxTokens: Int?
  public var tools: Provider
  public var fetching: FetchLimits
  /// Nil where the file does not say.
  public var host: String?
  public var port: Int?
  /// What the file asks for and this server passes over, a sentence each.
  public var notices: [String]

  /// What a server is made of whose user gives no file.
  ///
  /// - Parameters:
  ///   - model: a name of the catalogue, or a path.
  ///   - embedder: by the words of `EmbedderSpecification`; nil: none.
  ///   - store: where vector databases are kept; nil: nowhere.
  public init(model: String, embedder: String?, store: StoreSpecification?, fetching: FetchLimits) {
    language = LanguageModel(
      id: nil, provider: Provider(id: "ragmeter", type: InferenceProvider.local), source: .local(name: model))
    let sentences = Provider(id: "sentence-transformers", type: InferenceProvider.sentenceTransformers)
    embeddings = embedder.map { [EmbeddingModel(id: nil, provider: sentences, embedder: $0)] } ?? []
    let milvus = Provider(id: "milvus", type: "inline::milvus")
    vectorProviders =
      store.map {
        [VectorProvider(provider: milvus, store: $0, secrets: [:], index: IndexSpecification(kind: "flat"))]
      } ?? []
    databases = []
    agents = Provider(id: "meta-reference", type: "inline::meta-reference")
    search = .pipeline
    tools = Provider(id: "rag-runtime", type: "inline::rag-runtime")
    self.fetching = fetching
    notices = []
  }
}
