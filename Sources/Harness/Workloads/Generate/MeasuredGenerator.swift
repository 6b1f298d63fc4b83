internal import Experiments
internal import Generation
internal import RunStore
internal import Tokenizers

/// A model on some threads, with the cases that wait for it.
final class MeasuredGenerator {
  let choice: GenerationEngineChoice
  /// Cases that are neither stored nor failed.
  private(set) var pending: [GenerateCase]
  private let threads: Int
  private let set: RequestSet
  private let section: GenerateSection
  private let resources: GenerationResources
  private var engine: (any GenerationEngine)?
  /// The requests with so many outputs, made once.
  private var requests: [Int: GenerationRequests] = [:]

  /// Requests, and tokens of each output, that bring everything into memory before it is counted.
  private static let probe = (requests: 8, tokens: 8)

  init(_ planned: GeneratePlan.Engine, _ set: RequestSet, section: GenerateSection, recorder: CaseRecorder) {
    choice = planned.choice
    threads = planned.threads
    pending = planned.cases.filter { !recorder.isFinished($0.planned.id) }
    self.set = set
    self.section = section
    resources = section.resources.generation
  }

  /// Loads the model and answers a few requests.
  ///
  /// - Returns: series of the pass that says what loading took; empty where nothing is loaded.
  func load() throws -> [String: Samples] {
    let engine = try resources.engine(choice)
    self.engine = engine
    let before = try engine.privateBytes()
    guard let first = pending.first, let seconds = try engine.load(threads: threads, for: first.setting) else {
      return [:]
    }
    var samples: [String: Samples] = ["load_seconds": .double([seconds])]
    try answerSome(engine)
    if let before, let after = try engine.privateBytes() {
      samples["private_bytes"] = .double([Double(after - before)])
    }
    return samples
  }

  /// Takes the first setting that a few requests can be answered in; a case that cannot says so when its turn comes.
  ///
  /// - Throws: `AdapterError`: a process that is gone is no matter of one case.
  private func answerSome(_ engine: any GenerationEngine) throws {
    for one in pending {
      do {
        let some = try requests(one).requests.prefix(Self.probe.requests).map { request in
          var request = request
          request.outputLengths = request.outputLengths.map { min($0, Self.probe.tokens) }
          return request
        }
        _ = try engine.generate(GenerationRequests(some), one.setting)
        return
      } catch let error as AdapterError {
        throw error
      } catch {
        continue
      }
    }
  }

  /// One pass, as series. A process that an earlier case took down is started again first.
  ///
  /// - Parameter isFirst: whether the memory is told over time too.
  func generate(_ one: GenerateCase, isFirst: Bool) throws -> [String: Samples] {
    let requests = try requests(one)
    let engine = try self.engine ?? resources.engine(choice)
    if self.engine == nil {
      self.engine = engine
      _ = try engine.load(threads: threads, for: one.setting)
    }
    do {
      let pass = try engine.generate(requests, one.setting)
      try pass.check(requests)
      let samples = pass.samples(of: requests)
      return isFirst ? samples.merging(pass.memory?.timeline.samples ?? [:]) { $1 } : samples
    } catch let error as AdapterError {
      if case .refused = error { throw error }
      close()
      throw error
    }
  }

  private func requests(_ one: GenerateCase) throws -> GenerationRequests {
    if let known = requests[one.n] { return known }
    let tokenizer = try resources.tokenizer(choice)
    let made = try set.requests(
      n: one.n, asking: section.tokenLimit, limit: section.maxModelLength,
      vocabulary: choice.simulation?.model.vocabularySize ?? tokenizer?.vocabularySize ?? 0, tokenizer: tokenizer)
    requests[one.n] = made
    return made
  }

  /// The case is done, one way or the other.
  func drop(_ one: GenerateCase) {
    pending.removeAll { $0.planned.id == one.planned.id }
    if pending.isEmpty { close() }
  }

  func close() {
    engine?.close()
    engine = nil
  }
}
