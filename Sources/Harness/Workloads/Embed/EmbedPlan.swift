internal import Checksums
internal import Documents
package import Experiments
internal import Statistics

extension EmbedSection {
  /// - Throws: what keeps a corpus or a chunker from being had; `ExperimentError` for a corpus without texts.
  package func plan(seed: UInt64) throws -> any WorkloadPlan {
    var groups: [EmbedPlan.Group] = []
    for choice in corpora {
      let corpus = try resources.corpus(choice)
      for chunker in chunkers { groups.append(try group(corpus, chunker, seed: seed)) }
    }
    return EmbedPlan(section: self, groups: groups, seed: seed)
  }

  private func group(_ corpus: Corpus, _ choice: ChunkerChoice, seed: UInt64) throws -> EmbedPlan.Group {
    let chunker = try resources.chunker(choice.specification)
    let all = corpus.documents.flatMap { chunker.chunks(of: $0.text).map(\.text) }
    guard !all.isEmpty else { throw ExperimentError("the corpus \(corpus.name) gives no text to embed") }
    let texts = Self.sample(all, texts, seed: seed)
    var hash = SHA256()
    for text in texts { hash.update("\(text.utf8.count):\(text)") }
    let engines = engines.flatMap { engine in
      (engine.threads ?? threads).map { threads in
        EmbedPlan.Engine(
          choice: engine, threads: threads,
          cases: (engine.batches ?? batches).map { batch in
            oneCase(engine, corpus.name, choice, threads: threads, batch: batch, texts: texts.count)
          })
      }
    }
    let name = ([corpus.name] + (choice.kind == "whole" ? [] : choice.idParts)).joined(separator: "/")
    return EmbedPlan.Group(name: name, texts: texts, contentHash: hash.hex(), engines: engines)
  }

  private func oneCase(
    _ engine: EmbeddingEngineChoice, _ corpus: String, _ chunker: ChunkerChoice, threads: Int, batch: Int, texts: Int
  ) -> EmbedCase {
    let id = EmbedCase.id(
      section: name, corpus: corpus, chunker: chunker, engine: engine, threads: threads, batch: batch)
    let labels = chunker.labels
      .merging(engine.labels) { $1 }
      .merging(["dataset": corpus, "texts": "\(texts)", "threads": "\(threads)", "batch": "\(batch)"]) { $1 }
    return EmbedCase(planned: PlannedCase(id: id, workload: Self.kind, labels: labels), batch: batch)
  }

  /// A seeded draw that keeps the order.
  private static func sample(_ texts: [String], _ count: Int?, seed: UInt64) -> [String] {
    guard let count, count < texts.count else { return texts }
    var generator = SplitMix64(seed: seed)
    var numbers = Array(texts.indices)
    for place in 0..<count { numbers.swapAt(place, Int.random(in: place..<numbers.count, using: &generator)) }
    return numbers.prefix(count).sorted().map { texts[$0] }
  }
}

/// An embed section with its texts.
struct EmbedPlan: WorkloadPlan {
  /// A model on some threads, and the cases that share it.
  struct Engine: Sendable {
    var choice: EmbeddingEngineChoice
    var threads: Int
    var cases: [EmbedCase]
  }

  struct Group: Sendable {
    var name: String
    var texts: [String]
    var contentHash: String
    var engines: [Engine]
  }

  let section: EmbedSection
  let groups: [Group]
  let seed: UInt64

  /// A small model's weights with what computing with it takes; of an adapter with its interpreter.
  private static let engineBytes = 400 << 20

  var cases: [PlannedCase] { groups.flatMap { $0.engines.flatMap { $0.cases.map(\.planned) } } }

  var dataHashes: [String: String] {
    Dictionary(groups.map { ($0.name, $0.contentHash) }, uniquingKeysWith: { first, _ in first })
  }

  /// All texts at once, and all engines of one group.
  var memory: Int {
    groups.map { $0.texts.reduce(0) { $0 + $1.utf8.count } * 3 }.reduce(0, +)
      + (groups.map { $0.engines.count * Self.engineBytes }.max() ?? 0)
  }

  func run(_ recorder: CaseRecorder) throws {
    for group in groups {
      try EmbedRun(group: group, section: section, seed: seed, recorder: recorder).run()
    }
  }
}
