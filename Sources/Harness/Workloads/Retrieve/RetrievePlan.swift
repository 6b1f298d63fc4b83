internal import Datasets
internal import Documents
internal import Embedders
package import Experiments

extension RetrieveSection {
  /// Loads corpora and embedders, and chunks once to know how much there will be to embed.
  ///
  /// - Throws: what keeps a corpus, a chunker or an embedder from being had; `ExperimentError` for a corpus that cannot be
  ///   scored, and for a chunker that leaves nothing of it.
  package func plan(seed: UInt64) throws -> any WorkloadPlan {
    let models = try embedders.map { choice in
      (choice, try resources.embedder(choice.specification, embedThreads))
    }
    var groups: [RetrieveGroup] = []
    for choice in corpora {
      let corpus = try JudgedCorpus(try resources.corpus(choice))
      for chunker in chunkers {
        let cutter = try resources.chunker(chunker.specification)
        let chunks = corpus.documents.reduce(0) { $0 + cutter.chunks(of: $1.text).count }
        guard chunks > 0 else {
          throw ExperimentError("\(chunker.idParts.joined(separator: " ")) leaves no chunk of corpus \(corpus.name)")
        }
        for context in contexts {
          for (choice, embedder) in models {
            var group = RetrieveGroup(
              corpus: corpus, chunker: chunker, context: context, embedder: choice, chunks: chunks,
              dimension: embedder.dimension, metric: metric ?? (embedder.isNormalized ? .ip : .cosine), engines: [])
            group.engines = engines.map { engine in
              RetrieveGroup.Engine(choice: engine, cases: engine.searches.map { oneCase(group, engine, $0) })
            }
            groups.append(group)
          }
        }
      }
    }
    return RetrievePlan(section: self, groups: groups, seed: seed)
  }

  private func oneCase(_ group: RetrieveGroup, _ engine: EngineChoice, _ search: ParameterPoint) -> RetrieveCase {
    let parts = [name, group.id] + engine.idParts + (search.entries.isEmpty ? [] : [search.label])
    var labels = group.chunker.labels
      .merging(group.embedder.labels) { $1 }
      .merging(engine.labels) { $1 }
      .merging(search.dictionary) { $1 }
    labels.merge([
      "dataset": group.corpus.name, "documents": "\(group.corpus.documents.count)",
      "queries": "\(group.corpus.questions.count)", "n": "\(group.chunks)", "dimension": "\(group.dimension)",
      "metric": group.metric.rawValue,
      "k": "\(ks.last ?? Self.defaultK)", "threads": "1", "mode": "single", "build_threads": "\(buildThreads)",
      "embed_threads": "\(embedThreads)",
    ]) { $1 }
    if depth != ks.last { labels["depth"] = "\(depth)" }
    if group.context != .none { labels["context"] = group.context.rawValue }
    return RetrieveCase(
      planned: PlannedCase(id: parts.joined(separator: "/"), workload: Self.kind, labels: labels), search: search)
  }
}

/// A retrieve section with its corpora.
struct RetrievePlan: WorkloadPlan {
  let section: RetrieveSection
  let groups: [RetrieveGroup]
  let seed: UInt64

  var cases: [PlannedCase] { groups.flatMap { $0.engines.flatMap { $0.cases.map(\.planned) } } }

  var dataHashes: [String: String] {
    Dictionary(groups.map { ($0.corpus.name, $0.corpus.contentHash) }, uniquingKeysWith: { first, _ in first })
  }

  /// All corpora at once; of the groups one at a time, with its chunks, their vectors, and all its engines.
  var memory: Int {
    let corpora = Dictionary(groups.map { ($0.corpus.name, $0.corpus) }, uniquingKeysWith: { first, _ in first }).values
    return corpora.map(MemoryEstimate.bytes).reduce(0, +) + (groups.map(MemoryEstimate.bytes).max() ?? 0)
  }

  func run(_ recorder: CaseRecorder) throws {
    var questions: [String: EmbeddedQuestions] = [:]
    for (place, group) in groups.enumerated() {
      let run = RetrieveRun(group: group, section: section, seed: seed, recorder: recorder)
      // Asked once for all chunkers, and forgotten when no later group asks.
      let key = "\(group.corpus.name)\n\(group.embedder)"
      questions[key] = try run.run(questions: questions[key])
      let isAskedAgain = groups[(place + 1)...].contains {
        $0.corpus.name == group.corpus.name && $0.embedder == group.embedder
      }
      if !isAskedAgain { questions[key] = nil }
    }
  }
}

extension MemoryEstimate {
  static func bytes(of corpus: JudgedCorpus) -> Int {
    corpus.documents.reduce(0) { $0 + $1.text.utf8.count + 256 } + corpus.questions.count * 512
  }

  /// Chunks that may overlap, vectors of chunks and questions, and every index.
  static func bytes(of group: RetrieveGroup) -> Int {
    let texts = group.corpus.documents.reduce(0) { $0 + $1.text.utf8.count } * 2 + group.chunks * 96
    let vectors = (group.chunks + group.corpus.questions.count) * group.dimension * 4
    return texts + vectors
      + group.engines.map { bytes(of: $0.choice, rows: group.chunks, dimension: group.dimension) }.reduce(0, +)
  }
}
