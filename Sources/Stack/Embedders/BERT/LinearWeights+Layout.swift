internal import Foundation
internal import Kernels

extension LinearWeights {
  /// With zero rows and columns put between: `rows[i]` and `columns[j]` say where row i and column j of the weight go.
  func spread(rows: [Int], of outputs: Int, columns: [Int], of inputs: Int, scale: Float = 1) -> LinearWeights {
    var spread = LinearWeights(
      outputs: outputs, inputs: inputs, weight: [Float](repeating: 0, count: outputs * inputs),
      bias: [Float](repeating: 0, count: outputs))
    for (row, target) in rows.enumerated() {
      spread.bias[target] = bias[row] * scale
      for (column, place) in columns.enumerated() {
        spread.weight[target * inputs + place] = weight[row * self.inputs + column] * scale
      }
    }
    return spread
  }
}

extension BERTLayerWeights {
  /// One layer for each head, whose outputs are its queries, keys and values; the queries carry the scale log2(e)/√width of
  /// the scores.
  func headInputs(_ shape: EncoderShape) -> [LinearWeights] {
    let width = shape.headWidth
    let columns = Array(0..<shape.hidden)
    let scale = Float(M_LOG2E / Double(width).squareRoot())
    return (0..<shape.heads).map { head in
      var joined = LinearWeights(outputs: 0, inputs: shape.paddedHidden, weight: [], bias: [])
      for (source, scale) in [(query, scale), (key, 1), (value, 1)] {
        let range = head * width..<(head + 1) * width
        let part = LinearWeights(
          outputs: width, inputs: shape.hidden,
          weight: Array(source.weight[range.lowerBound * shape.hidden..<range.upperBound * shape.hidden]),
          bias: Array(source.bias[range]))
        let spread = part.spread(
          rows: Array(0..<width), of: shape.paddedHeadWidth, columns: columns, of: shape.paddedHidden, scale: scale)
        joined.outputs += spread.outputs
        joined.weight += spread.weight
        joined.bias += spread.bias
      }
      return joined
    }
  }

  func spreadAttentionOutput(_ shape: EncoderShape) -> LinearWeights {
    let columns = (0..<shape.hidden).map { $0 / shape.headWidth * shape.paddedHeadWidth + $0 % shape.headWidth }
    return attentionOutput.spread(
      rows: Array(0..<shape.hidden), of: shape.paddedHidden, columns: columns, of: shape.paddedHeads)
  }

  func spreadIntermediate(_ shape: EncoderShape) -> LinearWeights {
    intermediate.spread(
      rows: Array(0..<intermediate.outputs), of: shape.paddedIntermediate, columns: Array(0..<shape.hidden),
      of: shape.paddedHidden)
  }

  func spreadOutput(_ shape: EncoderShape) -> LinearWeights {
    output.spread(
      rows: Array(0..<shape.hidden), of: shape.paddedHidden, columns: Array(0..<intermediate.outputs),
      of: shape.paddedIntermediate)
  }
}
