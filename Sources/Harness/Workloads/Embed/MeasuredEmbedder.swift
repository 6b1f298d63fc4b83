internal import Experiments
internal import RunStore

/// A model on some threads, with the cases that wait for it.
final class MeasuredEmbedder {
  let choice: EmbeddingEngineChoice
  /// Cases that are neither stored nor failed.
  private(set) var pending: [EmbedCase]
  private let threads: Int
  private let make: (EmbeddingEngineChoice) throws -> any EmbeddingEngine
  private var engine: (any EmbeddingEngine)?

  init(
    _ planned: EmbedPlan.Engine, recorder: CaseRecorder,
    make: @escaping (EmbeddingEngineChoice) throws -> any EmbeddingEngine
  ) {
    choice = planned.choice
    threads = planned.threads
    pending = planned.cases.filter { !recorder.isFinished($0.planned.id) }
    self.make = make
  }

  /// Loads the model and embeds the longest texts once.
  ///
  /// - Returns: series of the pass that says what loading took.
  func load(_ reference: EmbeddingReference) throws -> [String: Samples] {
    let engine = try make(choice)
    self.engine = engine
    let before = try engine.privateBytes()
    let seconds = try engine.load(threads: threads)
    let largest = pending.map(\.batch).max() ?? 1
    _ = try engine.embed(reference.longest(largest), batch: largest)
    var samples: [String: Samples] = ["load_seconds": .double([seconds])]
    if let before, let after = try engine.privateBytes() {
      samples["private_bytes"] = .double([Double(after - before)])
    }
    return samples
  }

  /// One pass. A process that an earlier case took down is started again first.
  func embed(_ texts: EmbeddingTexts, batch: Int) throws -> EmbeddingPass {
    let engine = try self.engine ?? make(choice)
    if self.engine == nil {
      self.engine = engine
      _ = try engine.load(threads: threads)
    }
    do {
      return try engine.embed(texts, batch: batch)
    } catch let error as AdapterError {
      if case .refused = error { throw error }
      close()
      throw error
    }
  }

  /// The case is done, one way or the other.
  func drop(_ one: EmbedCase) {
    pending.removeAll { $0.planned.id == one.planned.id }
    if pending.isEmpty { close() }
  }

  func close() {
    engine?.close()
    engine = nil
  }
}
