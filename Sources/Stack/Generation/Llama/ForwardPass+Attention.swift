internal import Kernels

extension ForwardPass {
  /// Turns queries and keys and writes keys and values of this thread's rows into their blocks.
  func store(layer: Int, _ thread: Int) {
    let rows = attention.stores[thread]..<attention.stores[thread + 1]
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

  /// Attention of all rows; the threads have met thereafter.
  func attend(layer: Int, _ thread: Int) {
    if !attention.shared.isEmpty {
      take(attention.shared, layer, thread)
      meeting.wait()
    }
    take(attention.own, layer, thread)
    meeting.wait()
    if attention.isCutByParts {
      merge(thread)
      meeting.wait()
    }
  }

  /// Takes jobs, each one before the one at hand is done, so that its keys and values can be fetched meanwhile.
  private func take(_ jobs: UnsafeBufferPointer<AttentionPlan.Job>, _ layer: Int, _ thread: Int) {
    let places = jobs.count * shape.heads
    var place = meeting.take()
    guard place < places else { return }
    var current = call(jobs[place / shape.heads], head: place % shape.heads, layer, thread)
    while true {
      let following = meeting.take()
      guard following < places else {
        return run(&current, next: nil, jobs[place / shape.heads], head: place % shape.heads)
      }
      var next = call(jobs[following / shape.heads], head: following % shape.heads, layer, thread)
      run(&current, next: &next, jobs[place / shape.heads], head: place % shape.heads)
      (place, current) = (following, next)
    }
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

  private func merge(_ thread: Int) {
    while true {
      let place = meeting.take()
      guard place < attention.merges.count * shape.heads else { return }
      let (row, head) = (attention.merges[place / shape.heads], place % shape.heads)
      let totals = scratch[thread].totals
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
