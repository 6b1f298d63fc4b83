internal import Glibc
internal import Kernels
internal import ModelFiles

extension ReferenceExecutor {
  /// Puts the step's keys and values where the block tables say.
  func store(_ step: ScheduledStep, layer: Int) {
    let width = cache.width
    let stride = layers[layer].key.outputs
    for run in step.runs {
      for (offset, row) in run.tokens.enumerated() {
        let position = run.start + offset
        let block = step.tables[run.table.lowerBound + position / cache.blockSize]
        let place = position % cache.blockSize
        cache.keys(layer: layer, block: block, place: place)
          .update(from: activations.key.floats + row * stride, count: width)
        cache.values(layer: layer, block: block, place: place)
          .update(from: activations.value.floats + row * stride, count: width)
      }
    }
  }

  /// Each query attends to all positions up to its own; several query heads share a head of keys and values.
  func attend(_ step: ScheduledStep, layer: Int) {
    var scores = [Float](
      repeating: 0, count: step.runs.reduce(0) { max($0, $1.start + $1.tokens.count) })
    for run in step.runs {
      let table = step.tables[run.table]
      for (offset, row) in run.tokens.enumerated() {
        for head in 0..<configuration.heads {
          scores.withUnsafeMutableBufferPointer {
            attend(row: row, head: head, layer: layer, table: table, scores: $0[..<(run.start + offset + 1)])
          }
        }
      }
    }
  }

  private func attend(
    row: Int, head: Int, layer: Int, table: ArraySlice<Int32>, scores: Slice<UnsafeMutableBufferPointer<Float>>
  ) {
    var scores = scores
    let dimension = configuration.headDimension
    let start = head * configuration.keyValueHeads / configuration.heads * dimension
    let query = activations.query.floats + row * layers[layer].query.outputs + head * dimension
    let output = activations.attended.floats + row * layers[layer].attentionOutput.inputs + head * dimension
    let scale = 1 / Float(dimension).squareRoot()
    var largest = -Float.infinity
    for position in scores.indices {
      let block = table[table.startIndex + position / cache.blockSize]
      let key = cache.keys(layer: layer, block: block, place: position % cache.blockSize) + start
      scores[position] = dot(query, key, count: dimension) * scale
      largest = max(largest, scores[position])
    }
    var sum: Float = 0
    for position in scores.indices {
      scores[position] = expf(scores[position] - largest)
      sum += scores[position]
    }
    output.update(repeating: 0, count: dimension)
    for position in scores.indices {
      let block = table[table.startIndex + position / cache.blockSize]
      let value = cache.values(layer: layer, block: block, place: position % cache.blockSize) + start
      let share = scores[position] / sum
      for index in 0..<dimension { output[index] += share * value[index] }
    }
  }

  /// Four sums side by side, since one would wait for itself.
  private func dot(_ left: UnsafePointer<Float>, _ right: UnsafePointer<Float>, count: Int) -> Float {
    var sums = SIMD4<Float>.zero
    for index in stride(from: 0, to: count - 3, by: 4) {
      sums +=
        SIMD4(left[index], left[index + 1], left[index + 2], left[index + 3])
        * SIMD4(right[index], right[index + 1], right[index + 2], right[index + 3])
    }
    var sum = sums.sum()
    for index in count / 4 * 4..<count { sum += left[index] * right[index] }
    return sum
  }
}
