/// A product's input as its weights see it: smoothed, and rounded to bytes row by row.
struct QuantizedInput {
  let smoothing: InputSmoothing
  let groups: Int
  /// Mean of each column's squares after smoothing: how much an error of its weights matters.
  private(set) var power: [Float]
  /// Mean of each column after smoothing, and the mean of what the bytes stand for.
  private(set) var mean: [Float]
  private(set) var roundedMean: [Float]

  /// - Complexity: O(rows × width).
  init(_ sample: ActivationSample, _ smoothing: InputSmoothing, groups: Int) {
    self.smoothing = smoothing
    self.groups = groups
    let width = sample.width
    var sums = [Float](repeating: 0, count: width)
    var squares = sums
    var rounded = sums
    var row = sums
    for start in stride(from: 0, to: sample.values.count, by: width) {
      for column in 0..<width {
        let x = (sample.values[start + column] - smoothing.shift[column]) / smoothing.scale[column]
        row[column] = x
        sums[column] += x
        squares[column] += x * x
      }
      for group in 0..<groups { Self.round(&row, group * width / groups..<(group + 1) * width / groups) }
      for column in 0..<width { rounded[column] += row[column] }
    }
    let count = Float(max(1, sample.count))
    mean = sums.map { $0 / count }
    power = squares.map { $0 / count }
    roundedMean = rounded.map { $0 / count }
  }

  /// To the 255 steps between the lowest and the highest, as the kernels do it.
  private static func round(_ row: inout [Float], _ columns: Range<Int>) {
    var low = Float.infinity
    var high = -Float.infinity
    for column in columns {
      low = min(low, row[column])
      high = max(high, row[column])
    }
    let step = max(high - low, 1e-30) / 255
    for column in columns {
      // Adding 1.5 · 2^23 and taking it off again rounds to the nearest integer.
      let steps = (row[column] / step + 12_582_912) - 12_582_912
      row[column] = steps * step
    }
  }
}
