internal import Kernels

extension ForwardPass {
  /// Turns queries and keys and writes keys and values of all rows into their blocks.
  func store(layer: Int, _ turn: Turn) {
    let pieces = attention.stores.count - 1
    meeting.share(turn[.stores], of: pieces, thread: turn.thread, grain: 1) { taken in
      let first = attention.stores[taken.lowerBound]
      store(layer: layer, first..<attention.stores[taken.upperBound])
    }
  }

  private func store(layer: Int, _ rows: Range<Int>) {
    guard !rows.isEmpty else { return }
    let first = rows.lowerBound
    var store = PagedStore(
      rows: activations.projected + first * activations.projectedSize, stride: activations.projectedSize,
      count: rows.count, heads: shape.heads, group: shape.group, width: shape.width, halves: shape.halves,
      scale: shape.queryScale, cosines: activations.cosines + first * shape.width / 2,
      sines: activations.sines + first * shape.width / 2,
      queries: activations.queries + first * shape.group * shape.width, queryRows: activations.queryRows,
      cache: cache.memory + layer * cache.layout.layerBytes, headBytes: cache.layout.headBytes,
      units: activations.units + first, places: activations.places + first, unit: cache.layout.unit)
    paged.store(&store)
  }

  /// Attention of all rows.
  func attend(layer: Int, _ turn: Turn) {
    if !attention.shared.isEmpty { take(attention.shared, layer, turn, .shared) }
    take(attention.own, layer, turn, .own)
    if attention.isCutByParts { merge(turn) }
  }

  /// Takes jobs, each one before the one at hand is done, so that its keys and values can be fetched meanwhile.
  private func take(_ jobs: UnsafeBufferPointer<AttentionPlan.Job>, _ layer: Int, _ turn: Turn, _ phase: Phase) {
    let places = jobs.count * shape.heads
    func take() -> Int? { meeting.take(turn[phase], of: places)?.lowerBound }
    var done = 0
    if var place = take() {
      var current = call(jobs[place / shape.heads], head: place % shape.heads, layer, turn.thread)
      while let following = take() {
        var next = call(jobs[following / shape.heads], head: following % shape.heads, layer, turn.thread)
        run(&current, next: &next, jobs[place / shape.heads], head: place % shape.heads)
        (place, current) = (following, next)
        done += 1
      }
      run(&current, next: nil, jobs[place / shape.heads], head: place % shape.heads)
      done += 1
    }
    meeting.finish(turn[phase], of: places, done: done)
  }

  private func run(
    _ call: inout PagedAttention, next: UnsafePointer<PagedAttention>?, _ job: AttentionPlan.Job, head: Int
  ) {
    paged.run(
      &call, next: next, begins: job.begins, results: job.ends ? results(row: job.row, head: head) : nil,
      stride: activations.attendedSize)
  }

  private var stateFloats: Int { PagedKernels.stateFloats(width: shape.width) }

  private func states(_ slot: Int, head: Int) -> UnsafeMutablePointer<Float> {
    attention.states + (head * attention.slots + slot) * stateFloats
  }

  private func call(_ job: AttentionPlan.Job, head: Int, _ layer: Int, _ thread: Int) -> PagedAttention {
    var (states, totals) = (scratch[thread].states, scratch[thread].totals)
    if let slot = job.slot {
      states = self.states(slot, head: head)
      totals = states + shape.heads * attention.slots * stateFloats
    }
    let layout = cache.layout
    let heads = PagedHeads(
      units: cache.memory + layer * layout.layerBytes + head * layout.headBytes, blockBytes: layout.blockBytes,
      blockSize: layout.blockSize, width: shape.width)
    let query = head * activations.queryRows + job.row * shape.group
    return PagedAttention(
      heads: heads, table: attention.tables + job.table, tokens: job.tokens,
      queries: activations.queries + query * shape.width, rows: job.count * shape.group, position: job.position,
      group: shape.group, states: states, totals: attention.isCutByParts ? nil : totals)
  }

  private func results(row: Int, head: Int) -> UnsafeMutablePointer<Float> {
    activations.attended + row * activations.attendedSize + head * shape.group * shape.width
  }

  private func merge(_ turn: Turn) {
    let totals = scratch[turn.thread].totals
    meeting.share(
      turn[.merges], of: attention.merges.count * shape.heads, thread: turn.thread, grain: 1
    ) { taken in
      let (row, head) = (attention.merges[taken.lowerBound / shape.heads], taken.lowerBound % shape.heads)
      paged.clear(totals, shape.group, shape.width)
      for part in 0..<row.parts {
        let slot = (part * attention.partRows + row.row) * shape.group
        paged.merge(totals, states(slot, head: head), shape.group, shape.width)
      }
      paged.finish(
        totals, shape.group, shape.width, shape.group, results(row: row.row, head: head), activations.attendedSize)
    }
  }
}
