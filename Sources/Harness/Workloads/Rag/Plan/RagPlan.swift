internal import Datasets
internal import Documents
internal import Embedders
package import Experiments
internal import Generation
internal import RAGPipeline
internal import YAML

extension RagSection {
  /// Loads corpora and embedders, and chunks once to know how much there will be to embed.
  ///
  /// - Throws: what keeps a corpus, a chunker or an embedder from being had; `ExperimentError` for a corpus that nothing is asked
  ///   of, and for a chunker that leaves nothing of it.
  package func plan(seed: UInt64) throws -> any WorkloadPlan {
    let models = try embedders.map { ($0, try resources.embedder($0.specification, embedThreads)) }
    let distractors = try distractors.flatMap {
      $0.documents(of: try resources.corpus($0.corpus), prefix: "distractor")
    }
    var groups: [RagGroup] = []
    for choice in corpora {
      let corpus = try AskedCorpus(
        try resources.corpus(choice), distractors: distractors, wanted: questions, seed: seed)
      for chunker in chunkers {
        let cutter = try resources.chunker(chunker.specification)
        let chunks = corpus.documents.reduce(0) { $0 + cutter.chunks(of: $1.text).count }
        guard chunks > 0 else {
          throw ExperimentError("\(chunker.idParts.joined(separator: " ")) leaves no chunk of corpus \(corpus.name)")
        }
        for (choice, embedder) in models {
          var group = RagGroup(
            corpus: corpus, chunker: chunker, embedder: choice, chunks: chunks, dimension: embedder.dimension,
            metric: metric ?? (embedder.isNormalized ? .ip : .cosine), collections: [], live: [:])
          for stream in inserts.compactMap({ $0 }) where group.live[stream.documents] == nil {
            let documents = stream.documents.documents(
              of: try resources.corpus(stream.documents.corpus), prefix: "insert"
            ).filter { !cutter.chunks(of: $0.text).isEmpty }
            guard !documents.isEmpty else {
              throw ExperimentError("corpus \(stream.documents.name) has no document to insert while asking")
            }
            group.live[stream.documents] = documents
          }
          group.collections = collections(of: group)
          groups.append(group)
        }
      }
    }
    return RagPlan(section: self, groups: groups, seed: seed)
  }

  private func collections(of group: RagGroup) -> [RagGroup.Collection] {
    stores.flatMap { store in
      engines.map { engine in
        var collection = RagGroup.Collection(store: store, engine: engine, cases: [])
        for search in engine.searches {
          for generator in generators {
            for options in prompts.points(sampling, n: n) {
              for load in loads {
                for overlap in overlaps {
                  for stream in inserts {
                    collection.cases.append(
                      oneCase(
                        group, collection,
                        RagCase(
                          planned: PlannedCase(id: "", workload: Self.kind, labels: [:]), search: search,
                          generator: generator, options: options, load: load, overlaps: overlap, inserts: stream)))
                  }
                }
              }
            }
          }
        }
        return collection
      }
    }
  }

  /// The case with its id and labels.
  private func oneCase(_ group: RagGroup, _ collection: RagGroup.Collection, _ one: RagCase) -> RagCase {
    var conditions = [one.load.name]
    if !one.overlaps { conditions.append("overlap=false") }
    if let stream = one.inserts { conditions.append(stream.label) }
    let parts =
      [name, group.id] + collection.idParts + (one.search.entries.isEmpty ? [] : [one.search.label])
      + one.generator.idParts + prompts.idParts(of: one.options) + [conditions.joined(separator: ",")]
    var labels = group.chunker.labels
      .merging(group.embedder.labels) { $1 }
      .merging(collection.engine.labels) { $1 }
      .merging(collection.store.labels) { $1 }
      .merging(one.search.dictionary) { $1 }
      .merging(one.generator.labels) { $1 }
      .merging(PromptGrid.labels(of: one.options)) { $1 }
      .merging(one.load.labels) { $1 }
    labels.merge([
      "corpus": group.corpus.name, "documents": "\(group.corpus.documents.count)", "chunks": "\(group.chunks)",
      "questions": "\(group.corpus.measured)", "dimension": "\(group.dimension)", "metric": group.metric.rawValue,
      "stages": one.overlaps ? "overlapped" : "in waves", "embed_threads": "\(embedThreads)",
    ]) { $1 }
    if !distractors.isEmpty { labels["distractors"] = distractors.map(\.label).joined(separator: "+") }
    if name != Self.kind { labels["section"] = name }
    if let stream = one.inserts { labels["inserts"] = LoadChoice.number(stream.rate) }
    var one = one
    one.planned = PlannedCase(id: parts.joined(separator: "/"), workload: Self.kind, labels: labels)
    return one
  }
}

/// A rag section with its corpora.
struct RagPlan: WorkloadPlan {
  let section: RagSection
  let groups: [RagGroup]
  let seed: UInt64

  /// A small model's weights, with what computing with it takes.
  private static let generatorBytes = 500 << 20
  /// SQLite's pages and a batch on its way to the disk, of a store in this process.
  private static let storeBytes = 64 << 20

  var cases: [PlannedCase] { groups.flatMap { $0.collections.flatMap { $0.cases.map(\.planned) } } }

  var dataHashes: [String: String] {
    Dictionary(groups.map { ($0.corpus.name, $0.corpus.contentHash) }, uniquingKeysWith: { first, _ in first })
  }

  /// All generators that run here, and of the groups one at a time, with its texts, their vectors, and all its indexes.
  var memory: Int {
    let generators = section.generators.reduce(0) { sum, choice in
      guard case .model(_, let options) = choice.source else { return sum }
      guard case .bytes(let budget) = options.kvBudget else { return sum + Self.generatorBytes }
      return sum + Self.generatorBytes + budget
    }
    return generators
      + (groups.map { group in
        let texts = group.corpus.documents.reduce(0) { $0 + $1.text.utf8.count } * 3 + group.chunks * 256
        let vectors = group.chunks * group.dimension * 4
        return texts + vectors
          + group.collections.reduce(0) {
            $0 + Self.storeBytes + MemoryEstimate.bytes(of: $1.engine, rows: group.chunks, dimension: group.dimension)
          }
      }.max() ?? 0)
  }

  func run(_ recorder: CaseRecorder) throws {
    let generators = GeneratorShelf(section.resources.rag)
    defer { generators.close() }
    for group in groups {
      try RagRun(group: group, section: section, seed: seed, recorder: recorder, generators: generators).run()
    }
  }
}
