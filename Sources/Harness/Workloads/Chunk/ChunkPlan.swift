internal import Documents
internal import Experiments
internal import Instrumentation
internal import RunStore
internal import Statistics

/// A chunk section with its texts.
struct ChunkPlan: WorkloadPlan {
  struct Group: Sendable {
    var corpus: Corpus
    var cases: [ChunkCase]
  }

  let section: ChunkSection
  let groups: [Group]
  let seed: UInt64

  /// A timed pass goes over the texts until it has lasted so long; a clock tells nothing of microseconds.
  private static let secondsPerPass = 0.05

  var cases: [PlannedCase] { groups.flatMap { $0.cases.map(\.planned) } }

  var dataHashes: [String: String] {
    Dictionary(groups.map { ($0.corpus.name, $0.corpus.textHash) }, uniquingKeysWith: { first, _ in first })
  }

  /// All texts, and of one corpus the chunks, whose texts are copies, twice over with overlap.
  var memory: Int {
    let sizes = groups.map { $0.corpus.documents.map(\.text.utf8.count).reduce(0, +) }
    return sizes.reduce(0, +) + 3 * (sizes.max() ?? 0)
  }

  /// Every round gives each case one pass, in an order of its own.
  func run(_ recorder: CaseRecorder) throws {
    for group in groups {
      for warning in group.corpus.warnings { recorder.warn("\(group.corpus.name): \(warning)") }
      var turns = group.cases.filter { !recorder.isFinished($0.planned.id) }
      recorder.progress.expect(
        turns.map { section.repetitions - recorder.storedPasses(of: $0.planned.id).count }.reduce(0, +), "passes")
      var measured: [String: MeasuredChunker] = [:]
      for repetition in 1...section.repetitions {
        var generator = SplitMix64(seed: seed &+ UInt64(repetition))
        turns.shuffle(using: &generator)
        for one in turns {
          let id = one.planned.id
          guard !recorder.isFinished(id), !recorder.storedPasses(of: id).contains(repetition) else { continue }
          do {
            let chunker = try measured[id] ?? prepare(one, group.corpus)
            measured[id] = chunker
            let seconds = recorder.progress.step("passes", id) { chunker.pass(group.corpus.documents) }
            try recorder.store(pass: PassRecord(number: repetition, samples: ["seconds": .double([seconds])]), of: id)
          } catch let error as RunStoreError {
            throw error
          } catch {
            recorder.progress.skip(section.repetitions - recorder.storedPasses(of: id).count, "passes")
            try recorder.fail(one.planned, error)
          }
        }
      }
      for one in turns where !recorder.isFinished(one.planned.id) {
        try finish(one, group.corpus, measured[one.planned.id]?.chunker, recorder)
      }
    }
  }

  /// Makes the chunker and lets it cut everything once: the warm-up, and the measure of how often a pass must go round.
  private func prepare(_ one: ChunkCase, _ corpus: Corpus) throws -> MeasuredChunker {
    var measured = MeasuredChunker(chunker: try section.resources.chunker(one.chunker))
    let seconds = measured.pass(corpus.documents)
    measured.rounds = max(1, Int((Self.secondsPerPass / max(seconds, 1e-9)).rounded(.up)))
    return measured
  }

  private func finish(
    _ one: ChunkCase, _ corpus: Corpus, _ chunker: (any Chunker)?, _ recorder: CaseRecorder
  ) throws {
    let metrics: [String: MetricValue]
    do {
      let chunker = try chunker ?? section.resources.chunker(one.chunker)
      let statistics = ChunkStatistics(of: corpus.documents, cutBy: chunker)
      let passes = try recorder.passes(of: one.planned.id).compactMap { $0.number("seconds") }
      metrics = statistics.metrics.merging(["chunk_rate": Self.rate(statistics.sourceBytes, passes)]) { $1 }
    } catch let error as RunStoreError {
      throw error
    } catch {
      return try recorder.fail(one.planned, error)
    }
    try recorder.finish(one.planned, metrics: metrics)
  }

  private static func rate(_ bytes: Int, _ seconds: [Double]) -> MetricValue {
    let rates = seconds.map { $0 > 0 ? Double(bytes) / $0 : .nan }
    return MetricValue(
      Descriptive.median(rates), unit: "B/s", better: .higher, kind: .timing,
      ci95: Quantile.medianInterval(of: rates)?.certainBounds, n: rates.count)
  }
}

/// A chunker and how often a timed pass lets it go over the texts.
private struct MeasuredChunker {
  let chunker: any Chunker
  var rounds = 1

  init(chunker: any Chunker) { self.chunker = chunker }

  /// Seconds that cutting all documents takes, chunks made and thrown away.
  func pass(_ documents: [Document]) -> Double {
    let start = MonotonicClock.now()
    var chunks = 0
    for _ in 0..<rounds {
      for document in documents { chunks &+= chunker.chunks(of: document.text).count }
    }
    let end = MonotonicClock.now()
    // Chunks that nobody counts need not be made.
    withExtendedLifetime(chunks) {}
    return MonotonicClock.seconds(from: start, to: end) / Double(rounds)
  }
}
