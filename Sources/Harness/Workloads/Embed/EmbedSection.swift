package import Experiments

/// A section `workload: embed`: what embeds which texts.
package struct EmbedSection: Workload {
  package static let kind = "embed"
  package static let defaultBatch = 32

  package var name: String
  package var corpora: [CorpusChoice]
  package var chunkers: [ChunkerChoice]
  /// So many texts, drawn by the seed; nil for all.
  package var texts: Int?
  package var engines: [EmbeddingEngineChoice]
  package var threads: [Int]
  /// Texts a call.
  package var batches: [Int]
  package var repetitions: Int
  package var warmup: Int
  let resources: WorkloadResources

  package static func workload(_ resources: WorkloadResources) -> WorkloadKind {
    WorkloadKind(name: kind) { section, reader in EmbedSection(section, reader, resources) }
  }

  init(_ section: ExperimentSection, _ reader: SpecReader, _ resources: WorkloadResources) {
    self.resources = resources
    name = section.name
    corpora = CorpusChoice.read(reader)
    chunkers = reader.has("chunkers") ? ChunkerChoice.read(reader) : [ChunkerChoice(kind: "whole")]
    texts = reader.has("texts") ? reader.integer("texts", in: 1...100_000_000, default: 1) : nil
    engines = EmbeddingEngineChoice.read(reader)
    threads = Self.threads(reader)
    batches = Self.batches(reader)
    repetitions = reader.integer("repetitions", in: 1...1000, default: SearchSection.defaultRepetitions)
    warmup = reader.integer("warmup", in: 0...1000, default: 1)
  }

  static func threads(_ reader: SpecReader) -> [Int] { reader.integers("threads", in: 1...1024, default: [1]) }

  static func batches(_ reader: SpecReader) -> [Int] {
    reader.integers("batch", in: 1...1_000_000, default: [defaultBatch])
  }
}
