import Generation

extension RandomSchedule {
  private func demand(_ condition: Bool, _ sentence: @autoclosure () -> String) throws {
    guard condition else { throw Violation(description: "step \(steps): \(sentence())") }
  }

  // MARK: - Memory

  /// Reference counts, free blocks and statistics must be what the tables say.
  mutating func checkMemory() throws {
    let blockSize = configuration.policy.blockSize
    for block in references.indices { references[block] = 0 }
    for slot in isUseful.indices { isUseful[slot] = false }
    var running = 0
    var unfinished = 0
    var stray: ChoiceID?
    scheduler.forEachStanding { standing in
      let isOver = requests[standing.choice.request].isOver[standing.choice.index]
      if !isOver { unfinished += 1 }
      if isOver != (standing.state == .finished) { stray = standing.choice }
      switch standing.state {
      case .running, .forking: running += 1
      case .waiting, .suspended:
        if !standing.table.isEmpty { stray = standing.choice }
        if standing.state == .suspended { suspensions += 1 }
        requests[standing.choice.request].computed[standing.choice.index] = 0
      case .finished:
        if !standing.table.isEmpty, configuration.policy.batching != .static { stray = standing.choice }
      }
      for (place, block) in standing.table.enumerated() {
        references[Int(block)] += 1
        guard standing.state == .running else { continue }
        for offset in 0..<max(0, min(blockSize, standing.computed - place * blockSize)) {
          isUseful[Int(block) * blockSize + offset] = true
        }
      }
    }
    try demand(stray == nil, "\(stray as ChoiceID?) is in no state that it may be in")
    let used = references.count { $0 > 0 }
    let entries = references.reduce(0) { $0 + Int($1) }
    for block in references.indices {
      try demand(
        scheduler.pool.references(to: Int32(block)) == references[block],
        "block \(block) has \(scheduler.pool.references(to: Int32(block))) references and stands in \(references[block]) tables"
      )
    }
    let statistics = scheduler.statistics
    try demand(
      scheduler.pool.usedCount == used && statistics.blocksUsed == used, "\(statistics) with \(used) blocks used")
    try demand(statistics.blocksShared == references.count { $0 > 1 }, "\(statistics) counts shared blocks wrongly")
    try demand(statistics.blocksSavedBySharing == entries - used, "\(statistics) counts saved blocks wrongly")
    let stored = isUseful.count { $0 }
    try demand(statistics.tokensStored == stored, "\(statistics) with \(stored) tokens stored")
    try demand(statistics.slotsReserved == used * blockSize, "\(statistics) counts slots wrongly")
    let occupancy = scheduler.occupancy
    try demand(
      occupancy.running == running && occupancy.waiting == unfinished - running && occupancy.blocksUsed == used
        && occupancy.blocksSavedBySharing == entries - used && occupancy.tokensStored == stored,
      "\(occupancy) with \(running) of \(unfinished) running")
    try demand(statistics.runningSequences == running, "\(statistics) with \(running) sequences running")
    if configuration.policy.batching == .paged {
      try demand(used * blockSize - stored <= running * (blockSize - 1), "\(statistics) wastes a block a sequence")
    }
    if !configuration.policy.sharing && !configuration.policy.prefixCache {
      try demand(entries == used, "blocks are shared although that is off")
    }
  }

  // MARK: - Order

  /// First come first served, and the choices of a request together.
  func checkOrder() throws {
    let isPaged = configuration.policy.batching == .paged
    let waiting = scheduler.waitingOrder
    try demand(zip(waiting, waiting.dropFirst()).allSatisfy { $0 < $1 }, "\(waiting) wait out of order")
    var lastRunning: ChoiceID?
    var isTorn = false
    var byState: [Int: (inside: Int, outside: Int, suspended: Int)] = [:]
    scheduler.forEachStanding { standing in
      switch standing.state {
      case .running, .forking:
        lastRunning = max(lastRunning ?? standing.choice, standing.choice)
        byState[standing.choice.request, default: (0, 0, 0)].inside += 1
      case .waiting: byState[standing.choice.request, default: (0, 0, 0)].outside += 1
      case .suspended: byState[standing.choice.request, default: (0, 0, 0)].suspended += 1
      case .finished: break
      }
    }
    if let lastRunning, let first = waiting.first {
      try demand(
        isPaged ? lastRunning.request < first.request : lastRunning < first, "\(first) waits behind \(lastRunning)")
    }
    guard isPaged else { return }
    for (_, count) in byState {
      if count.inside + count.suspended > 0, count.outside > 0 { isTorn = true }
      if count.suspended > 0, count.inside == 0 || byState.values.count(where: { $0.inside > 0 }) > 1 { isTorn = true }
    }
    try demand(!isTorn, "the choices of a request are not together: \(byState)")
    try demand(
      byState.reduce(0) { $0 + $1.value.inside } <= configuration.maxSequences, "more sequences run than may")
  }

  // MARK: - What a step computes

  /// Carries the step out on digests, and reads every sequence back.
  mutating func execute() throws {
    let blockSize = configuration.policy.blockSize
    try demand(step.tokens.count <= configuration.maxBatchedTokens, "\(step.tokens.count) tokens in one step")
    var copied: Set<Int32> = []
    for copy in step.copies {
      try demand(copied.insert(copy.to).inserted && references[Int(copy.to)] == 1, "\(copy) overwrites a block in use")
      try demand(references[Int(copy.from)] > 0 && !copied.contains(copy.from), "\(copy) copies what nobody holds")
      for offset in 0..<blockSize {
        memory[Int(copy.to) * blockSize + offset] = memory[Int(copy.from) * blockSize + offset]
      }
    }
    var position = (tokens: 0, table: 0, samples: 0)
    for run in step.runs {
      try demand(
        run.tokens.lowerBound == position.tokens && run.table.lowerBound == position.table
          && run.samples.lowerBound == position.samples && !run.tokens.isEmpty, "\(run) is out of place")
      position = (run.tokens.upperBound, run.table.upperBound, run.samples.upperBound)
      try write(run)
    }
    try demand(
      position == (step.tokens.count, step.tables.count, step.samples.count),
      "there are tokens, blocks or samples of no run")
    for run in step.runs where !run.isPadding {
      var digest: UInt64 = 0
      for place in 0..<run.start + run.tokens.count {
        digest = Self.digest(token(run.sequence, place), after: digest)
        let slot = slot(run, place)
        try demand(
          memory[slot] == digest, "\(run.sequence) reads another's keys and values at position \(place)")
      }
    }
  }

  private func slot(_ run: ScheduledStep.Run, _ place: Int) -> Int {
    let blockSize = configuration.policy.blockSize
    return Int(step.tables[run.table.lowerBound + place / blockSize]) * blockSize + place % blockSize
  }

  private mutating func write(_ run: ScheduledStep.Run) throws {
    let blockSize = configuration.policy.blockSize
    let end = run.start + run.tokens.count
    let choice = run.sequence
    try demand(run.table.count == (end + blockSize - 1) / blockSize, "\(run) has a table of another length")
    try demand(
      requests[choice.request].isOver[choice.index] == (run.isPadding && run.start >= known(choice)) || run.isPadding,
      "\(choice) is over and runs")
    var digest = run.start == 0 ? 0 : memory[slot(run, run.start - 1)]
    for place in run.start..<end {
      let block = step.tables[run.table.lowerBound + place / blockSize]
      let slot = slot(run, place)
      try demand(references[Int(block)] == 1, "\(choice) writes into block \(block), which others hold")
      try demand(writtenIn[slot] != steps, "slot \(slot) is written twice")
      writtenIn[slot] = steps
      digest = Self.digest(step.tokens[run.tokens.lowerBound + place - run.start], after: digest)
      memory[slot] = digest
    }
    if run.isPadding {
      try demand(configuration.policy.batching == .static && run.samples.isEmpty, "\(run) is padding")
      return
    }
    try checkStart(run)
    requests[choice.request].computed[choice.index] = end
    if configuration.policy.sharing, end <= requests[choice.request].request.prompt.count {
      for other in requests[choice.request].computed.indices { requests[choice.request].computed[other] = end }
    }
    for place in run.start..<end {
      try demand(
        step.tokens[run.tokens.lowerBound + place - run.start] == token(choice, place),
        "\(choice) computes another's token at position \(place)")
    }
    let isWhole = end == known(choice)
    let sampled = step.samples[run.samples]
    try demand(isWhole == !sampled.isEmpty, "\(run) ends at \(end) of \(known(choice))")
    guard sampled.count > 1 else {
      try demand(sampled.allSatisfy { $0 == choice }, "\(run) samples for others")
      return
    }
    let unfinished = requests[choice.request].isOver.indices.filter { !requests[choice.request].isOver[$0] }
    try demand(
      configuration.policy.sharing && end == requests[choice.request].request.prompt.count
        && sampled.elementsEqual(unfinished.map { ChoiceID(request: choice.request, index: $0) }),
      "\(run) samples for \(sampled)")
  }

  /// Every position is computed once between preemptions, unless its keys and values are there already: shared with the
  /// choice that computed the prompt for all, or found in the prefix cache.
  private func checkStart(_ run: ScheduledStep.Run) throws {
    let choice = run.sequence
    let before = requests[choice.request].computed[choice.index]
    let policy = configuration.policy
    let isFresh = before == 0 || policy.sharing && before == requests[choice.request].request.prompt.count
    let isCached = policy.prefixCache && run.start % policy.blockSize == 0
    try demand(
      run.start == before || run.start > before && isFresh && isCached,
      "\(choice) goes on at position \(run.start) after \(before)")
  }
}
