internal import Foundation

/// Inputs of one product over sample texts: rows of float32.
struct ActivationSample {
  let width: Int
  private(set) var values: [Float] = []

  init(width: Int) { self.width = width }

  var count: Int { values.count / width }

  mutating func append(_ rows: Rows, count: Int) {
    values.reserveCapacity(values.count + count * width)
    for row in 0..<count { values += UnsafeBufferPointer(start: rows.from(row).floats, count: width) }
  }

  /// The least and the greatest value of each column.
  func ranges() -> [ClosedRange<Float>] {
    var low = [Float](repeating: .infinity, count: width)
    var high = [Float](repeating: -.infinity, count: width)
    for row in 0..<count {
      for column in 0..<width {
        let x = values[row * width + column]
        low[column] = min(low[column], x)
        high[column] = max(high[column], x)
      }
    }
    return zip(low, high).map { $0...$1 }
  }

  /// Columns in another order: column j of the result was `order[j]`.
  func reordered(_ order: [Int]) -> ActivationSample {
    var result = self
    for row in 0..<count {
      for column in 0..<width { result.values[row * width + column] = values[row * width + order[column]] }
    }
    return result
  }
}

/// What is taken off each column of a product's input, and what it is then divided by, so that all columns share one scale
/// well: shifting and smoothing fold into the affine before and the weights behind (Xiao et al. 2023, "SmoothQuant"; Wei et
/// al. 2023, "Outlier Suppression+").
struct InputSmoothing: Sendable {
  var shift: [Float]
  var scale: [Float]

  static func none(width: Int) -> InputSmoothing {
    InputSmoothing(shift: Array(repeating: 0, count: width), scale: Array(repeating: 1, count: width))
  }

  /// Centres every column, and divides it by range^0.7 / weight^0.3, the weight being the greatest that reads it.
  init(_ sample: ActivationSample, weights: [LinearWeights]) {
    var greatest = [Float](repeating: 0, count: sample.width)
    for linear in weights {
      for output in 0..<linear.outputs {
        for input in 0..<linear.inputs {
          greatest[input] = max(greatest[input], abs(linear.weight[output * linear.inputs + input]))
        }
      }
    }
    shift = []
    scale = []
    for (range, weight) in zip(sample.ranges(), greatest) {
      let half = (range.upperBound - range.lowerBound) / 2
      shift.append(range.lowerBound + half)
      scale.append(half > 0 && weight > 0 ? Self.power(half, 0.7) / Self.power(weight, 0.3) : 1)
    }
  }

  private init(shift: [Float], scale: [Float]) {
    self.shift = shift
    self.scale = scale
  }

  private static func power(_ base: Float, _ exponent: Float) -> Float { pow(max(base, 1e-5), exponent) }
}
