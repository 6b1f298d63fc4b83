package import Datasets
package import Documents
package import Embedders
internal import Experiments

/// What workloads take from outside: data, engines, truth and the machine. Tests put their own in.
package struct WorkloadResources {
  package var dataset: (DatasetChoice) throws -> VectorDataset
  /// What the vectors of a dataset were made of; nil where it is of vectors alone.
  package var texts: (DatasetChoice) throws -> DatasetTexts?
  package var engine: (EngineChoice) throws -> any SearchEngine
  /// A store that is open, which the taker closes.
  package var store: (VectorStoreChoice) throws -> OpenedStore
  /// The exact k nearest of every query among the rows in `allowed` (all where nil), from a cache where it is known.
  package var truth: (VectorDataset, _ allowed: [Int64]?, _ k: Int) throws -> GroundTruth
  package var corpus: (CorpusChoice) throws -> Corpus
  package var chunker: (ChunkerSpecification) throws -> any Chunker
  package var embedder: (EmbedderSpecification, _ threads: Int) throws -> any Embedder
  /// A model that is loaded anew, for what loading takes is measured too.
  package var embeddingEngine: (EmbeddingEngineChoice) throws -> any EmbeddingEngine
  package var generation: GenerationResources
  package var serving: ServingResources
  package var rag: RagResources
  /// Cores that builds and ground truth may use.
  package var cores: Int

  package init(
    dataset: @escaping (DatasetChoice) throws -> VectorDataset,
    texts: @escaping (DatasetChoice) throws -> DatasetTexts?,
    engine: @escaping (EngineChoice) throws -> any SearchEngine,
    store: @escaping (VectorStoreChoice) throws -> OpenedStore,
    truth: @escaping (VectorDataset, _ allowed: [Int64]?, _ k: Int) throws -> GroundTruth,
    corpus: @escaping (CorpusChoice) throws -> Corpus,
    chunker: @escaping (ChunkerSpecification) throws -> any Chunker,
    embedder: @escaping (EmbedderSpecification, _ threads: Int) throws -> any Embedder,
    embeddingEngine: @escaping (EmbeddingEngineChoice) throws -> any EmbeddingEngine, generation: GenerationResources,
    serving: ServingResources, rag: RagResources, cores: Int
  ) {
    self.dataset = dataset
    self.texts = texts
    self.engine = engine
    self.store = store
    self.truth = truth
    self.corpus = corpus
    self.chunker = chunker
    self.embedder = embedder
    self.embeddingEngine = embeddingEngine
    self.generation = generation
    self.serving = serving
    self.rag = rag
    self.cores = cores
  }
}
