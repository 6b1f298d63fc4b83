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
  func pass(_ step: ScheduledStep, rows: inout Int) {
    plan.make(runs, tables: step.tables)
    let width = configuration.headDimension
    let stateBytes = 2 * 4 * plan.slots * configuration.keyValueHeads * PagedKernels.stateFloats(width: width)
    if states.count < stateBytes { states = AlignedMemory(bytes: stateBytes) }
    cutStores(rows: rows)
    step.tables.withUnsafeBufferPointer { tables in
      weights.layers.withUnsafeBufferPointer { layers in
        activations.scratch.withUnsafeBufferPointer { scratch in
          stores.withUnsafeBufferPointer { stores in
            plan.shared.withUnsafeBufferPointer { shared in
              plan.own.withUnsafeBufferPointer { own in
                plan.merges.withUnsafeBufferPointer { merges in
                  guard let tables = tables.baseAddress, let stores = stores.baseAddress else { return }
                  let attention = ForwardPass.Attention(
                    shared: shared, own: own, merges: merges, tables: tables, states: states.floats, slots: plan.slots,
                    isCutByParts: plan.isCutByParts, partRows: rows, stores: stores)
                  run(layers: layers, scratch: scratch, rows: rows, attention)
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

  /// Shares out the rows that are written into blocks: a pair of tokens that share words of a unit goes to one thread.
  private func cutStores(rows: Int) {
    stores.removeAll(keepingCapacity: true)
    stores.append(0)
    for thread in 1...team.threads {
      var row = max(rows * thread / team.threads, stores[thread - 1])
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
  ) {
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
    team.run { thread in
      begin(rows * thread / team.threads..<rows * (thread + 1) / team.threads)
      meeting.wait()
      forward.run(thread: thread)
      guard !outputRows.isEmpty else { return }
      normalizeOutputs(thread)
      meeting.wait()
      multiplyOutputs(meeting, thread)
    }
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
  private func normalizeOutputs(_ thread: Int) {
    let output = weights.output
    let scratch = activations.scratch[thread].row
    for index in outputRows.count * thread / team.threads..<outputRows.count * (thread + 1) / team.threads {
      let row = activations.hidden + outputRows[index].row * activations.hiddenSize
      let input = activations.inputs + index * activations.inputBytes
      let normalized = output.readsFloats ? input.assumingMemoryBound(to: Float.self) : scratch
      paged.rmsNorm(row, weights.outputNorm, activations.hiddenSize, configuration.normEpsilon, normalized)
      if !output.readsFloats {
        linear.quantizeRow(normalized, output.columns, input.assumingMemoryBound(to: InputBlock.self))
      }
    }
  }

  private func multiplyOutputs(_ meeting: ThreadTeam.Meeting, _ thread: Int) {
    let output = weights.output
    let grain = max(1, output.tiles / (16 * team.threads))
    while true {
      let tile = meeting.take(grain)
      guard tile < output.tiles else { return }
      var product = output.product(
        tiles: tile..<min(output.tiles, tile + grain), tokens: outputRows.count, input: activations.inputs,
        inputStride: activations.inputBytes, output: logits.floats + outputRows[0].logits * logitStride,
        outputStride: 4 * logitStride, next: nil)
      linear.multiply(&product, .store)
    }
  }
}
