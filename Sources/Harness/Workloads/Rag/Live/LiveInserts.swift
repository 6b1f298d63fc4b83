internal import Documents
internal import Foundation
internal import Instrumentation
internal import RAGPipeline
internal import VectorIndexes
internal import VectorStores

/// Inserts documents at a steady rate while questions are asked, and looks for them until they are found.
///
/// One thread embeds and inserts, at moments fixed beforehand; another takes the newest document that was acknowledged and searches
/// for its first chunk, over and over, until an answer holds it. What was acknowledged while it looked for another is not looked
/// for: it would have been found late for that reason alone.
final class LiveInserts {
  /// What came of it; times in seconds.
  struct Report: Sendable {
    /// From the moment at which a document was due to its acknowledgement: chunking, embedding and storing.
    var latencies: [Double] = []
    /// From the acknowledgement to the end of the first search that found it.
    var freshness: [Double] = []
    /// Documents that were not found as long as they were looked for.
    var unseen = 0
    var seconds = 0.0
    var failure: String?
    var inserted: [Document] = []
  }

  private let collection: FilledCollection
  private let documents: [Document]
  private let rate: Double
  private let parameters: SearchParameters
  private let shared = Shared()
  private let gate = DispatchGroup()

  /// Seconds between two looks, and after which nobody looks any more.
  private static let (pause, patience) = (0.001, 10.0)
  /// Hits among which a document is looked for by its own vector: its like may stand beside it.
  private static let hits = 10

  /// - Parameter parameters: of the searches, those of the questions.
  init(_ documents: [Document], rate: Double, into collection: FilledCollection, parameters: SearchParameters) {
    self.documents = documents
    self.rate = rate
    self.collection = collection
    self.parameters = parameters
  }

  func start() {
    let (documents, rate, shared, parameters) = (documents, rate, shared, parameters)
    let collection = Unchecked(collection)
    run { Self.insert(documents, rate: rate, collection.value, shared) }
    run { Self.look(collection.value, parameters, shared) }
  }

  /// - Returns: what came of it, when both threads have ended and what was inserted is deleted again, so that the next pass finds
  ///   the collection as this one did.
  func stop() -> Report {
    shared.stop()
    gate.wait()
    var report = shared.report
    do {
      let keys = report.inserted.flatMap { collection.keys(of: $0) }
      if !keys.isEmpty { _ = try collection.store.delete(keys, from: collection.name) }
    } catch {
      report.failure = report.failure ?? "what was inserted could not be deleted again: \(error)"
    }
    return report
  }

  private func run(_ body: @escaping @Sendable () -> Void) {
    gate.enter()
    let thread = Thread { [gate] in
      body()
      gate.leave()
    }
    thread.stackSize = 8 << 20
    thread.start()
  }

  private static func insert(
    _ documents: [Document], rate: Double, _ collection: FilledCollection, _ shared: Shared
  ) {
    let start = MonotonicClock.now()
    var count = 0
    do {
      var ingestion = try collection.ingestion()
      while true {
        let due = start + UInt64(Double(count) / rate * 1e9)
        guard shared.sleep(until: due) else { break }
        var document = documents[count % documents.count]
        // A corpus that is through begins anew, with rows of its own.
        if count >= documents.count { document.id += "@\(count / documents.count)" }
        try ingestion.add([document])
        try ingestion.flush()
        let acknowledged = MonotonicClock.now()
        shared.acknowledge(
          document, try collection.probe(document), twins: count / documents.count, due: due, at: acknowledged)
        count += 1
      }
    } catch {
      shared.fail("\(error)")
    }
    shared.end(after: MonotonicClock.seconds(from: start, to: MonotonicClock.now()))
  }

  private static func look(_ collection: FilledCollection, _ parameters: SearchParameters, _ shared: Shared) {
    do {
      while let wanted = shared.newest() {
        let key = PrimaryKey.string("\(wanted.document.id)#0")
        while true {
          let hits = try search(wanted.probe, collection, parameters, limit: hits + wanted.twins)
          let now = MonotonicClock.now()
          let seconds = MonotonicClock.seconds(from: wanted.acknowledged, to: now)
          if hits.contains(where: { $0.key == key }) {
            shared.found(after: seconds)
            break
          }
          guard seconds < patience else {
            shared.missed()
            break
          }
          Thread.sleep(forTimeInterval: pause)
        }
      }
    } catch {
      shared.fail("\(error)")
    }
  }

  private static func search(
    _ probe: DocumentProbe, _ collection: FilledCollection, _ parameters: SearchParameters, limit: Int
  ) throws -> [SearchHit] {
    if let store = collection.store as? any TextSearchStore {
      return try store.search(texts: [probe.text], limit: limit, in: collection.name).first ?? []
    }
    guard let vector = probe.vector else { return [] }
    let request = SearchRequest(vectors: vector, limit: limit, parameters: parameters)
    return try collection.store.search(request, in: collection.name).first ?? []
  }

  /// `@unchecked Sendable`: a collection's parts are constant and may be called from any thread, as stores and embedders say.
  private struct Unchecked: @unchecked Sendable {
    let value: FilledCollection

    init(_ value: FilledCollection) { self.value = value }
  }

  /// What the two threads tell.
  ///
  /// `@unchecked Sendable`: all state is read and written under `condition` alone.
  private final class Shared: @unchecked Sendable {
    struct Wanted {
      var document: Document
      var probe: DocumentProbe
      /// Rows with the very same text, of earlier rounds through the documents.
      var twins: Int
      var acknowledged: UInt64
    }

    private let condition = NSCondition()
    private var isStopped = false
    private var waiting: Wanted?
    private var state = Report()

    var report: Report { condition.withLock { state } }

    func stop() {
      condition.withLock {
        isStopped = true
        condition.broadcast()
      }
    }

    /// - Returns: false if it was stopped.
    func sleep(until moment: UInt64) -> Bool {
      condition.lock()
      defer { condition.unlock() }
      while !isStopped {
        let now = MonotonicClock.now()
        if now >= moment { return true }
        _ = condition.wait(until: Date(timeIntervalSinceNow: MonotonicClock.seconds(from: now, to: moment)))
      }
      return false
    }

    func acknowledge(_ document: Document, _ probe: DocumentProbe, twins: Int, due: UInt64, at moment: UInt64) {
      condition.withLock {
        state.inserted.append(document)
        state.latencies.append(MonotonicClock.seconds(from: due, to: moment))
        waiting = Wanted(document: document, probe: probe, twins: twins, acknowledged: moment)
        condition.broadcast()
      }
    }

    /// The document that was acknowledged last, if nobody has looked for it; waits for one; nil when there will be none.
    func newest() -> Wanted? {
      condition.lock()
      defer { condition.unlock() }
      // Looking for the document before, this thread was busy while these came.
      waiting = nil
      while waiting == nil, !isStopped { condition.wait() }
      defer { waiting = nil }
      return isStopped ? nil : waiting
    }

    func found(after seconds: Double) { condition.withLock { state.freshness.append(seconds) } }

    func missed() { condition.withLock { state.unseen += 1 } }

    func fail(_ sentence: String) { condition.withLock { if state.failure == nil { state.failure = sentence } } }

    func end(after seconds: Double) { condition.withLock { state.seconds = seconds } }
  }
}
