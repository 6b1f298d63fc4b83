package import Datasets
package import Experiments

/// A section `workload: retrieve`: questions are asked of a corpus that is chunked, embedded and indexed, and the ranking
/// of its documents is held against the judgements.
package struct RetrieveSection: Workload {
  package static let kind = "retrieve"
  package static let defaultK = 10

  package var name: String
  package var corpora: [CorpusChoice]
  package var chunkers: [ChunkerChoice]
  /// What is put before each chunk when it is embedded.
  package var contexts: [ChunkContext]
  package var embedders: [EmbedderChoice]
  package var engines: [EngineChoice]
  /// Where recall and precision are cut, rising; MRR and nDCG are cut at the last.
  package var ks: [Int]
  /// Documents that are ranked for a question.
  package var depth: Int
  /// Instead of what the embedder's authors compare by.
  package var metric: DatasetMetric?
  package var repetitions: Int
  package var warmup: Int
  package var embedThreads: Int
  /// Texts that the embedder is handed at a time.
  package var embedBatch: Int
  package var buildThreads: Int
  package var buildBatch: Int
  let resources: WorkloadResources

  package static func workload(_ resources: WorkloadResources) -> WorkloadKind {
    WorkloadKind(name: kind) { section, reader in RetrieveSection(section, reader, resources) }
  }

  init(_ section: ExperimentSection, _ reader: SpecReader, _ resources: WorkloadResources) {
    self.resources = resources
    name = section.name
    corpora = CorpusChoice.read(reader)
    chunkers = ChunkerChoice.read(reader)
    contexts = reader.choices("context", default: [.none])
    embedders = EmbedderChoice.read(reader)
    engines = EngineChoice.read(reader)
    ks = reader.integers("k", in: 1...1000, default: [Self.defaultK]).sorted()
    depth = ks.last ?? Self.defaultK
    metric = reader.has("metric") ? reader.choice("metric", default: DatasetMetric.ip) : nil
    repetitions = reader.integer("repetitions", in: 1...1000, default: SearchSection.defaultRepetitions)
    warmup = reader.integer("warmup", in: 0...1000, default: 1)
    let embed = reader.mapping("embed")
    embedThreads = embed?.integer("threads", in: 1...1024, default: resources.cores) ?? resources.cores
    embedBatch = embed?.integer("batch", in: 1...1_000_000, default: 1024) ?? 1024
    embed?.finish()
    let build = reader.mapping("build")
    buildBatch = build?.integer("batch", in: 1...Int.max, default: 10_000) ?? 10_000
    buildThreads = build?.integer("threads", in: 1...1024, default: 1) ?? 1
    build?.finish()
    readDepth(reader)
  }

  private mutating func readDepth(_ reader: SpecReader) {
    guard reader.has("depth") else { return }
    let least = depth
    depth = reader.integer("depth", in: 1...10_000, default: least)
    guard depth < least else { return }
    reader.report("depth", "\(depth) documents cannot be cut at k = \(least); rank at least as many")
    depth = least
  }
}

/// What stands before a chunk's text when it is embedded; offsets and evidence are those of the chunk alone.
package enum ChunkContext: String, Sendable, CaseIterable {
  case none
  /// The document's title, and a line break.
  case title
  /// The path of the Markdown headings above, and a line break; the title where a chunk has none.
  case headings
}
