internal import Checksums
package import Datasets
internal import Embedders
internal import Experiments
internal import Foundation
internal import ModelFiles
internal import VectorIndexes

extension WorkloadResources {
  /// Data from the catalogue, files and the generator; indexes of the stack and adapter processes.
  ///
  /// - Parameters:
  ///   - environment: `RAGMETER_CACHE`, `RAGMETER_MIRROR`, `RAGMETER_MODELS`, `RAGMETER_PEERS`, `RAGMETER_ADAPTERS`,
  ///     `TMPDIR`, and what stores are reached and opened with.
  ///   - folders: where `Benchmarks/adapters` is looked for.
  ///   - cores: what ground truth may use.
  ///   - program: what runs this program, which serves too.
  package static func standard(
    loader: DatasetLoader, environment: [String: String], folders: [String], cores: Int, program: String,
    progress: @escaping FetchProgress
  ) -> WorkloadResources {
    let exchange = ExchangeFolder(parent: environment["TMPDIR"] ?? "/tmp")
    let stages = TextStages(loader: loader, environment: environment, progress: progress)
    let loaded = LoadedDatasets(loader: loader, stages: stages, cores: cores, progress: progress)
    return WorkloadResources(
      dataset: { try loaded.dataset($0) },
      texts: { choice in
        guard choice.isEmbedded else { return nil }
        return try EmbeddedDataset(parsing: choice.source).texts(stages)
          .prefix(base: choice.base, queries: choice.queries)
      },
      engine: { choice in
        switch choice.source {
        case .inTree(let kind):
          let specification = IndexSpecification(kind: kind, parameters: choice.build.dictionary)
          return switch choice.store {
          case .none: InTreeEngine(specification)
          case .embedded:
            InTreeEngine(specification, storedBelow: environment["TMPDIR"] ?? "/tmp", labels: choice.labels)
          }
        case .adapter(let name, let command, let timeout):
          return AdapterEngine(
            name: name,
            command: try AdapterCatalogue.command(
              for: name, given: command, environment: environment, folders: folders),
            parameters: choice.build.dictionary,
            timeouts: timeouts(timeout),
            folder: try exchange.folder())
        }
      },
      store: { try OpenedStore($0, environment: environment, below: environment["TMPDIR"] ?? "/tmp") },
      truth: { try truth(of: $0, allowed: $1, k: $2, cache: loader.groundTruth, threads: cores) },
      corpus: { try stages.corpus($0) }, chunker: { try stages.chunker($0) },
      embedder: { try stages.embedder($0, threads: $1) },
      embeddingEngine: { choice in
        let models = try ModelLibrary(environment: environment)
        switch choice.source {
        case .inTree(let embedder):
          return InTreeEmbeddingEngine {
            try EmbedderFactory.make(embedder.specification, models: models, threads: $0)
          }
        case .adapter(let name, let model, let command, let timeout):
          return AdapterEmbeddingEngine(
            name: name,
            command: try AdapterCatalogue.command(
              for: name, given: command, environment: environment, folders: folders),
            model: try models.folder(model).path, parameters: choice.parameters.dictionary,
            timeouts: timeouts(timeout), folder: try exchange.folder())
        }
      },
      generation: .standard(
        loader: loader, environment: environment, folders: folders, exchange: { try exchange.folder() },
        progress: progress),
      serving: .standard(program: program, environment: environment), rag: .standard(environment: environment),
      cores: cores)
  }

  /// What the spec allows for every longer request, or what is usual.
  static func timeouts(_ seconds: Double?) -> AdapterTimeouts {
    seconds.map { AdapterTimeouts(build: $0, search: $0, stats: $0) } ?? AdapterTimeouts()
  }

  /// From the cache, or computed and put there.
  private static func truth(
    of dataset: VectorDataset, allowed: [Int64]?, k: Int, cache: GroundTruthCache, threads: Int
  ) throws -> GroundTruth {
    var searched = dataset
    if let allowed {
      var hash = SHA256()
      hash.update("\(dataset.contentHash) restricted to ")
      hash.update(allowed)
      searched.contentHash = hash.hex()
      searched.base = try dataset.base.picked(allowed.map { Int($0) })
    }
    var truth = cache.load(of: searched, k: k)
    if truth == nil {
      let computed = try ExactNeighbors.of(
        searched.queries, in: searched.base, metric: searched.metric, k: k, threads: threads)
      try cache.store(computed, of: searched)
      truth = computed
    }
    guard var truth else { throw EngineError("the ground truth of \(dataset.name) was not kept") }
    if let allowed { truth.neighbors = truth.neighbors.map { Int32(allowed[Int($0)]) } }
    return truth
  }

  /// Datasets of the run, each read once however many sections name it.
  private final class LoadedDatasets {
    private let loader: DatasetLoader
    private let stages: TextStages
    private let cores: Int
    private let progress: FetchProgress
    private var loaded: [DatasetChoice: VectorDataset] = [:]

    init(loader: DatasetLoader, stages: TextStages, cores: Int, progress: @escaping FetchProgress) {
      self.loader = loader
      self.stages = stages
      self.cores = cores
      self.progress = progress
    }

    func dataset(_ choice: DatasetChoice) throws -> VectorDataset {
      if let known = loaded[choice] { return known }
      var dataset = try choice.isEmbedded ? embedded(choice) : read(choice)
      if let alias = choice.alias { dataset.name = alias }
      loaded[choice] = dataset
      return dataset
    }

    private func read(_ choice: DatasetChoice) throws -> VectorDataset {
      try loader.load(
        DatasetRequest(
          name: choice.source, maxBase: choice.base, maxQueries: choice.queries, metric: choice.metric),
        progress: progress)
    }

    private func embedded(_ choice: DatasetChoice) throws -> VectorDataset {
      let whole = try EmbeddedDataset(parsing: choice.source).dataset(name: choice.source, stages, threads: cores)
      return try VectorDataset(
        name: whole.name, metric: choice.metric ?? whole.metric,
        base: whole.base.prefix(min(choice.base ?? .max, whole.base.count)),
        queries: whole.queries.prefix(min(choice.queries ?? .max, whole.queries.count)))
    }
  }

  /// The folder that all adapters of a run share, made when the first one starts.
  private final class ExchangeFolder {
    private let parent: String
    private var made: AdapterFolder?

    init(parent: String) { self.parent = parent }

    func folder() throws -> AdapterFolder {
      if let made { return made }
      let folder = try AdapterFolder(in: parent)
      made = folder
      return folder
    }
  }
}
