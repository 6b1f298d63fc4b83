internal import Glibc
internal import Kernels
internal import ModelFiles

extension LlamaExecutor {
  /// Puts tokens of a run into rows of the next pass.
  func add(_ run: ScheduledStep.Run, from first: Int, count: Int, at row: Int, _ step: ScheduledStep) {
    let position = run.start + first
    for index in 0..<count {
      let place = position + index
      activations.tokens[row + index] = step.tokens[run.tokens.lowerBound + first + index]
      activations.positions[row + index] = Int32(place)
      activations.units[row + index] = cache.layout.unitOffset(
        block: step.tables[run.table.lowerBound + place / blockSize], place: place % blockSize)
      activations.places[row + index] = UInt8(place % cache.layout.unit)
    }
    runs.append(AttentionPlan.Rows(first: row, count: count, position: position, table: run.table))
  }

  /// Computes the rows that are gathered, and begins anew.
  ///
  /// - Throws: `GenerationError` if there is no memory for it.
  func pass(_ step: ScheduledStep, rows: inout Int) throws {
    plan.make(runs, tables: step.tables)
    let width = configuration.headDimension
    let stateBytes = 2 * 4 * plan.slots * configuration.keyValueHeads * PagedKernels.stateFloats(width: width)
    if states.count < stateBytes { states = AlignedMemory(bytes: stateBytes) }
    cutStores(rows: rows)
    try step.tables.withUnsafeBufferPointer { tables in
      try weights.layers.withUnsafeBufferPointer { layers in
        try activations.scratch.withUnsafeBufferPointer { scratch in
          try stores.withUnsafeBufferPointer { stores in
            try plan.shared.withUnsafeBufferPointer { shared in
              try plan.own.withUnsafeBufferPointer { own in
                try plan.merges.withUnsafeBufferPointer { merges in
                  guard let tables = tables.baseAddress else { return }
                  let attention = ForwardPass.Attention(
                    shared: shared, own: own, merges: merges, tables: tables, states: states.floats, slots: plan.slots,
                    isCutByParts: plan.isCutByParts, partRows: rows, stores: stores)
                  try run(layers: layers, scratch: scratch, rows: rows, attention)
                }
              }
            }
          }
        }
      }
    }
    runs.removeAll(keepingCapacity: true)
    outputRows.removeAll(keepingCapacity: true)
    rows = 0
  }

  /// Cuts the rows that are written into blocks: a pair of tokens that share words of a unit stays together.
  private func cutStores(rows: Int) {
    let pieces = min(rows, ForwardPass.pieces * team.threads)
    stores.removeAll(keepingCapacity: true)
    stores.append(0)
    for piece in 1...pieces {
      var row = max(rows * piece / pieces, stores[piece - 1])
      while row > 0, row < rows, activations.places[row] % 2 == 1, activations.units[row] == activations.units[row - 1]
      {
        row += 1
      }
      stores.append(row)
    }
  }

  private func run(
    layers: UnsafeBufferPointer<PackedLlama.Layer>, scratch: UnsafeBufferPointer<PassRows.Scratch>, rows: Int,
    _ attention: ForwardPass.Attention
  ) throws(GenerationError) {
    let group = configuration.heads / configuration.keyValueHeads
    let meeting = team.meeting
    let forward = ForwardPass(
      meeting: meeting, threads: team.threads, linear: linear, paged: paged, layers: layers,
      shape: ForwardPass.Shape(
        hiddenSize: configuration.hiddenSize, heads: configuration.keyValueHeads, group: group,
        width: configuration.headDimension, epsilon: configuration.normEpsilon,
        halves: configuration.rotary.pairs == .halves,
        queryScale: Float(M_LOG2E / Double(configuration.headDimension).squareRoot())),
      cache: ForwardPass.Cache(memory: cache.memory, layout: cache.layout),
      activations: ForwardPass.Rows(activations, group: group), scratch: scratch, rows: rows, attention: attention)
    let grain = forward.grain(of: rows)
    let last = 1 + ForwardPass.phases(layers: layers.count)
    let ran = team.run(phases: last + 2) { thread in
      meeting.share(0, of: rows, thread: thread, grain: grain) { begin($0) }
      forward.run(thread: thread, firstPhase: 1)
      guard !outputRows.isEmpty else { return }
      meeting.share(last, of: outputRows.count, thread: thread, grain: 1) { normalizeOutputs($0, thread) }
      let tiles = weights.output.tiles
      meeting.share(last + 1, of: tiles, thread: thread, grain: max(1, tiles / (16 * team.threads))) {
        multiplyOutputs($0)
      }
    }
    guard ran else { throw GenerationError("there is no memory for the phases of a step; use fewer threads") }
  }

  /// What rows begin as, and the angles by which their queries and keys are turned.
  private func begin(_ rows: Range<Int>) {
    let half = frequencies.count
    for row in rows {
      weights.embedding.copyRow(Int(activations.tokens[row]), to: activations.hidden + row * activations.hiddenSize)
      let position = Float(activations.positions[row])
      for pair in 0..<half {
        let angle = Double(position * frequencies[pair])
        activations.cosines[row * half + pair] = Float(cos(angle))
        activations.sines[row * half + pair] = Float(sin(angle))
      }
    }
  }

  /// Rows whose logits are wanted, as the output projection reads them.
  private func normalizeOutputs(_ rows: Range<Int>, _ thread: Int) {
    let output = weights.output
    let scratch = activations.scratch[thread].row
    for index in rows {
      let row = activations.hidden + outputRows[index].row * activations.hiddenSize
      let input = activations.inputs + index * activations.inputBytes
      let normalized = output.readsFloats ? input.assumingMemoryBound(to: Float.self) : scratch
      paged.rmsNorm(row, weights.outputNorm, activations.hiddenSize, configuration.normEpsilon, normalized)
      if !output.readsFloats {
        linear.quantizeRow(normalized, output.columns, input.assumingMemoryBound(to: InputBlock.self))
      }
    }
  }

  private func multiplyOutputs(_ tiles: Range<Int>) {
    let output = weights.output
    var product = output.product(
      tiles: tiles, tokens: outputRows.count, input: activations.inputs, inputStride: activations.inputBytes,
      output: logits.floats + outputRows[0].logits * logitStride, outputStride: 4 * logitStride,
      next: tiles.upperBound < output.tiles ? output.address(ofTile: tiles.upperBound) : nil)
    linear.multiply(&product, .store)
  }
}
