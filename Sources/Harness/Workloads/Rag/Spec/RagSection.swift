internal import Datasets
package import Experiments
internal import Generation
internal import RAGPipeline
internal import YAML

/// A section `workload: rag`: questions are answered from a corpus, from the embedding of the question to the last token, by every
/// combination of stores, indexes, generators and prompts, under users or at a rate.
package struct RagSection: Workload {
  package static let kind = "rag"

  package var name: String
  var corpora: [CorpusChoice]
  /// Documents that are put beside those of every corpus, and that nothing is asked of.
  var distractors: [CorpusExtract]
  /// Questions that are measured in a pass, drawn from all; nil: all.
  var questions: Int?
  var chunkers: [ChunkerChoice]
  var embedders: [EmbedderChoice]
  var stores: [VectorStoreChoice]
  var engines: [EngineChoice]
  /// What the others are held against.
  var exact: EngineChoice
  var generators: [GeneratorChoice]
  var prompts: PromptGrid
  var sampling: SamplingParameters
  var n: [Int]
  var loads: [QuestionLoad]
  /// Whether users' stages run side by side, or in waves: all retrieve, then all generate.
  var overlaps: [Bool]
  var inserts: [InsertStream?]
  var prices: RagPrices?
  /// Instead of what the embedder's authors compare by.
  var metric: DatasetMetric?
  var repetitions: Int
  /// Questions before the measured ones of each pass.
  var warmup: Int
  /// Rows that are stored at a time.
  var insertBatch: Int
  var embedThreads: Int
  let resources: WorkloadResources

  package static func workload(_ resources: WorkloadResources) -> WorkloadKind {
    WorkloadKind(name: kind) { section, reader in RagSection(section, reader, resources) }
  }

  init(_ section: ExperimentSection, _ reader: SpecReader, _ resources: WorkloadResources) {
    self.resources = resources
    name = section.name
    questions = reader.has("questions") ? reader.integer("questions", in: 1...10_000_000, default: 1) : nil
    corpora = CorpusChoice.read(reader)
    // The first questions of a corpus are often about one document: so many are drawn from all instead.
    for place in corpora.indices where corpora[place].questions == questions { corpora[place].questions = nil }
    distractors = reader.elements("distractors").compactMap(CorpusExtract.read)
    chunkers = ChunkerChoice.read(reader)
    embedders = EmbedderChoice.read(reader)
    stores = VectorStoreChoice.read(reader)
    engines = IndexChoice.readForStores(reader)
    exact = Self.exact(reader)
    generators = GeneratorChoice.read(reader, cores: resources.cores)
    prompts = PromptGrid(reader)
    sampling = SamplingParameters()
    sampling.temperature = Float(reader.number("temperature", in: 0...10, default: 0))
    sampling.topP = Float(reader.number("top_p", in: 0.001...1, default: 1))
    sampling.repetitionPenalty = Float(reader.number("repetition_penalty", in: 0.01...100, default: 1))
    sampling.presencePenalty = Float(reader.number("presence_penalty", in: -2...2, default: 0))
    sampling.frequencyPenalty = Float(reader.number("frequency_penalty", in: -2...2, default: 0))
    sampling.maxTokens = reader.integer("max_tokens", in: 1...1_000_000, default: 64)
    n = reader.integers("n", in: 1...128, default: [1])
    loads = QuestionLoad.read(reader)
    overlaps = Self.overlaps(reader)
    inserts = InsertStream.read(reader)
    prices = RagPrices.read(reader)
    metric = reader.has("metric") ? reader.choice("metric", default: DatasetMetric.ip) : nil
    repetitions = reader.integer("repetitions", in: 1...1000, default: 1)
    warmup = reader.integer("warmup", in: 0...100_000, default: 2)
    insertBatch = reader.integer("insert_batch", in: 1...1_000_000, default: 512)
    let embed = reader.mapping("embed")
    embedThreads = embed?.integer("threads", in: 1...1024, default: resources.cores) ?? resources.cores
    embed?.finish()
    if let most = n.max(), most > 1, sampling.temperature == 0 {
      reader.report("n", "\(most) answers at temperature 0 would all be the same; give a 'temperature' above 0")
    }
    let agents = generators.contains(where: \.isAgent) || prompts.templates.contains { $0.agent == .model }
    if agents, overlaps.contains(false) {
      reader.report("overlap", "the stages of an agent that plans its search cannot be kept apart; leave false out")
    }
    for choice in generators where choice.isAgent && stores.contains(where: { $0.kind != choice.name }) {
      reader.report(
        "generators", "an agent of \(choice.name) searches its own collections: its 'stores' are [\(choice.name)]")
    }
  }

  private static func overlaps(_ reader: SpecReader) -> [Bool] {
    let elements = reader.elements("overlap")
    var overlaps: [Bool] = []
    for element in elements {
      guard let flag = element.node.bool else {
        element.report("must be true or false, not \(element.node.kind)")
        continue
      }
      if !overlaps.contains(flag) { overlaps.append(flag) }
    }
    return overlaps.isEmpty ? [true] : overlaps
  }

  private static func exact(_ reader: SpecReader) -> EngineChoice {
    let usual = EngineChoice(source: .inTree(kind: "flat"), build: ParameterPoint(), searches: [ParameterPoint()])
    guard let word = reader.optionalText("exact") else { return usual }
    do {
      let engines = IndexChoice(argument: try IndexArgument(word)).engines
      guard let engine = engines.first, engines.count == 1, engine.searches.count == 1, engine.specification != nil
      else {
        reader.report("exact", "is one index of the stack, such as flat")
        return usual
      }
      return engine
    } catch {
      reader.report("exact", error.reason)
      return usual
    }
  }
}
