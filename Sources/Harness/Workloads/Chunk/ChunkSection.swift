internal import Checksums
internal import Documents
package import Experiments

/// A section `workload: chunk`: what chunkers make of texts, and how fast.
package struct ChunkSection: Workload {
  package static let kind = "chunk"

  package var name: String
  package var corpora: [CorpusChoice]
  package var chunkers: [ChunkerChoice]
  /// Passes over a corpus that are timed.
  package var repetitions: Int
  let resources: WorkloadResources

  package static func workload(_ resources: WorkloadResources) -> WorkloadKind {
    WorkloadKind(name: kind) { section, reader in ChunkSection(section, reader, resources) }
  }

  init(_ section: ExperimentSection, _ reader: SpecReader, _ resources: WorkloadResources) {
    self.resources = resources
    name = section.name
    corpora = CorpusChoice.read(reader)
    chunkers = ChunkerChoice.read(reader)
    repetitions = reader.integer("repetitions", in: 1...1000, default: 6)
  }

  /// - Throws: what keeps a corpus from being loaded.
  package func plan(seed: UInt64) throws -> any WorkloadPlan {
    let groups = try corpora.map { choice in
      let corpus = try resources.corpus(choice)
      return ChunkPlan.Group(corpus: corpus, cases: chunkers.map { planned($0, corpus) })
    }
    return ChunkPlan(section: self, groups: groups, seed: seed)
  }

  private func planned(_ chunker: ChunkerChoice, _ corpus: Corpus) -> ChunkCase {
    let bytes = corpus.documents.map(\.text.utf8.count).reduce(0, +)
    let data = ["dataset": corpus.name, "documents": "\(corpus.documents.count)", "bytes": "\(bytes)"]
    return ChunkCase(
      planned: PlannedCase(
        id: ([name, corpus.name] + chunker.idParts).joined(separator: "/"), workload: Self.kind,
        labels: chunker.labels.merging(data) { $1 }),
      chunker: chunker.specification)
  }
}

/// One row of a chunk workload.
struct ChunkCase: Sendable {
  var planned: PlannedCase
  var chunker: ChunkerSpecification
}

extension Corpus {
  /// Tells whether two runs cut the same texts.
  var textHash: String {
    var hash = SHA256()
    for document in documents {
      // Lengths go in too, so that text cannot move from one document to the next unnoticed.
      hash.update([document.id.utf8.count, document.text.utf8.count])
      hash.update(document.id)
      hash.update(document.text)
    }
    return hash.hex()
  }
}
