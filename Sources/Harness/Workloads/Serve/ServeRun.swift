internal import Experiments
internal import GenerationClient
internal import RunStore
internal import Statistics

/// Measures the cases of a section: one server runs at a time, and in every round each server takes its cases in an order of
/// its own, the servers one after the other. The order of the servers is turned round from one round to the next, so that a
/// machine that drifts favours none, and a server that stands at the end of one round and the beginning of the next is not
/// started twice.
///
/// Requests have other words in every case and pass, for a prefix cache must not find what an earlier one has computed; where
/// prompts are texts, a server of ours is started anew for every pass instead. What they have in common within a pass, a system
/// prompt say, is found as it would be.
final class ServeRun {
  private let section: ServeSection
  private let seed: ServeSeed
  private let recorder: CaseRecorder
  private var targets: [ServePlan.Target]
  /// Loads that were over before a steady state was.
  private var short: [String] = []
  private var running: (choice: ServerChoice, server: any LoadedServer)?

  init(_ plan: ServePlan, recorder: CaseRecorder) {
    section = plan.section
    seed = ServeSeed(plan.seed)
    self.recorder = recorder
    targets = plan.targets
    for place in targets.indices { targets[place].cases.removeAll { recorder.isFinished($0.one.planned.id) } }
  }

  /// - Throws: what ends the whole run: the store.
  func run() throws {
    defer { close() }
    // A kill can fall between a case's last pass and its metrics.
    for target in targets { for item in target.cases where !item.one.load.isSweep { try finishIfComplete(item) } }
    let left = targets.flatMap(\.cases).filter { !recorder.isFinished($0.one.planned.id) }
    recorder.progress.expect(left.reduce(0) { $0 + passesLeft($1) }, "loads")
    for repetition in 1...section.repetitions {
      for target in repetition % 2 == 1 ? targets : targets.reversed() { try take(target, repetition) }
    }
    if let first = short.first {
      recorder.warn(
        "\(section.name): \(short.count == 1 ? "a load" : "\(short.count) loads, the first") of \(first), measured for less than "
          + "\(LoadChoice.number(LoadResult.fewestLatencies)) of its median E2E: throughput is then of a server that fills and "
          + "empties; take more requests, or more time")
    }
  }

  private func passesLeft(_ item: ServePlan.Case) -> Int {
    item.one.load.isSweep ? 1 : section.repetitions - recorder.storedPasses(of: item.one.planned.id).count
  }

  private func isPending(_ item: ServePlan.Case, _ repetition: Int) -> Bool {
    guard !recorder.isFinished(item.one.planned.id) else { return false }
    return item.one.load.isSweep
      ? repetition == 1 : !recorder.storedPasses(of: item.one.planned.id).contains(repetition)
  }

  /// One round of a server.
  private func take(_ target: ServePlan.Target, _ repetition: Int) throws {
    var turns = target.cases.filter { isPending($0, repetition) }
    var random = SplitMix64(seed: seed.mixed("order", "\(repetition)").value)
    turns.shuffle(using: &random)
    for item in turns {
      let left = passesLeft(item)
      do {
        try pass(item, target.choice, repetition).get()
      } catch let failure as CaseFailure {
        recorder.progress.skip(left, "loads")
        try recorder.fail(item.one.planned, failure.reason)
      }
      noteEnd(target.choice)
    }
  }

  /// Why one case cannot go on; what is thrown otherwise ends the run.
  private struct CaseFailure: Error {
    var reason: any Error
  }

  /// - Returns: what keeps the case from being measured.
  /// - Throws: what keeps its results from being stored.
  private func pass(
    _ item: ServePlan.Case, _ choice: ServerChoice, _ repetition: Int
  ) throws -> Result<Void, CaseFailure> {
    let id = item.one.planned.id
    let server: any LoadedServer
    do {
      server = try recorder.progress.step("servers", choice.idParts.joined(separator: " ")) {
        try self.server(choice, anew: item.requests.hasTexts && choice.isOwn)
      }
    } catch {
      return .failure(CaseFailure(reason: error))
    }
    if item.one.load.isSweep { return try recorder.progress.step("loads", id) { try sweep(item, server) } }
    let result: LoadResult
    do {
      result = try recorder.progress.step("loads", id) { try measure(item, server, pass: "\(repetition)") }
    } catch {
      return .failure(CaseFailure(reason: error))
    }
    try recorder.store(pass: PassRecord(number: repetition, samples: result.samples), of: id)
    try finishIfComplete(item)
    return .success(())
  }

  // MARK: Servers

  /// The server, running; another that runs is ended first.
  private func server(_ choice: ServerChoice, anew: Bool) throws -> any LoadedServer {
    if let running, running.choice == choice, !anew { return running.server }
    close()
    let server = try section.resources.serving.open(choice, section.client)
    running = (choice, server)
    return server
  }

  private func close() {
    running?.server.close()
    running = nil
  }

  /// A server that has gone is said to have, and started again for the next case.
  private func noteEnd(_ choice: ServerChoice) {
    guard let failure = running?.server.failure else { return }
    recorder.warn(failure)
    close()
  }

  // MARK: Passes

  /// - Parameter mayAnswerNone: above a rate that was answered, a server that answers nothing is overloaded, not absent.
  /// - Throws: `EngineError` if no request was answered at all.
  private func measure(
    _ item: ServePlan.Case, _ server: any LoadedServer, pass: String, rate: Double? = nil, mayAnswerNone: Bool = false
  ) throws -> LoadResult {
    let requests = item.requests.reworded(seed: ServeSeed(item.one.seed).mixed("words", pass).value)
    let point = item.one.point(section, arrivals: requests.arrivals, rate: rate)
    // The same arrivals for whatever is compared under the same load.
    let arrivals = seed.mixed("arrivals", item.one.load.name, pass).value
    let result = try server.measure(requests, point, seed: arrivals)
    guard result.counts.completed > 0 || mayAnswerNone else {
      let last = result.lastFailure.map { "; the last of them so: \($0)" } ?? ""
      let why = result.abandoned ?? result.counts.reasons + last
      throw EngineError("no request of \(result.counts.scheduled) was completed\(why.isEmpty ? "" : ": \(why)")")
    }
    recorder.progress.note("\(item.one.planned.id) \(pass): \(result.summary)")
    if result.isWindowShort { short.append(item.one.planned.id) }
    for sentence in result.doubts + [result.abandoned].compactMap({ $0 }) + result.remarks {
      recorder.warn("\(item.one.planned.id): \(sentence)")
    }
    return result
  }

  /// Stores the metrics of a case whose passes are all stored.
  private func finishIfComplete(_ item: ServePlan.Case) throws {
    let id = item.one.planned.id
    guard recorder.storedPasses(of: id).isSuperset(of: 1...section.repetitions) else { return }
    let metrics = ServeMetrics(
      passes: try recorder.passes(of: id).map { try LoadResult($0) }, n: item.one.n, levels: section.levels)
    try recorder.finish(item.one.planned, metrics: metrics.values)
  }

  // MARK: The highest rate

  /// Looks for the highest rate that keeps the levels. Each measurement is a pass; those that are stored are not taken again, for
  /// the search asks for the same rates.
  private func sweep(_ item: ServePlan.Case, _ server: any LoadedServer) throws -> Result<Void, CaseFailure> {
    guard case .sweep(let sweep) = item.one.load.pattern else { return .success(()) }
    let id = item.one.planned.id
    let stored = try recorder.passes(of: id)
    var probes: [(rate: Double, result: LoadResult)] = []
    var failure: CaseFailure?
    let search = Result<SweepSearch.Outcome, any Error> {
      try sweep.search.run { rate in
        let number = probes.count + 1
        if let pass = stored.first(where: { $0.number == number }), pass.number("probe_rate") == rate {
          let result = try LoadResult(pass)
          probes.append((rate, result))
          return result.sweepMeasurement
        }
        let result: LoadResult
        do {
          result = try measure(
            item, server, pass: "probe \(number)", rate: rate,
            mayAnswerNone: probes.contains { $0.result.counts.completed > 0 })
        } catch {
          failure = CaseFailure(reason: error)
          throw error
        }
        var samples = result.samples
        samples["probe_rate"] = .double([rate])
        try recorder.store(pass: PassRecord(number: number, samples: samples), of: id)
        probes.append((rate, result))
        return result.sweepMeasurement
      }
    }
    if let failure { return .failure(failure) }
    let outcome = try search.get()
    let best = probes.filter { $0.rate == outcome.rate }.map(\.result)
    let reason =
      "not even \(LoadChoice.number(outcome.failing ?? sweep.rates.lowerBound)) requests a second keep the levels"
    var metrics = ServeMetrics(
      passes: best.isEmpty ? probes.suffix(1).map(\.result) : best, n: item.one.n, levels: section.levels)
    metrics.addSustained(outcome, reason: reason)
    if outcome.ending == .client {
      recorder.warn(
        "\(id): above \(LoadChoice.number(outcome.rate ?? 0)) requests a second the client is in doubt, not the server")
    }
    try recorder.finish(item.one.planned, metrics: metrics.values)
    return .success(())
  }
}

extension LoadResult.Counts {
  /// "12 timeout, 9 http 429", the most frequent first.
  var reasons: String {
    failures.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
  }
}

extension LoadChoice.Sweep {
  var search: SweepSearch {
    SweepSearch(
      start: rates.lowerBound, lowest: rates.lowerBound, highest: rates.upperBound, precision: precision, share: share)
  }
}
