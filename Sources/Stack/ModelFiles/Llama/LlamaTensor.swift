/// The tensors of a Llama-family decoder, by what they do; files have names of their own for them.
public enum LlamaTensor: Sendable, Hashable {
  /// `vocabulary × hidden`.
  case embedding
  /// `hidden`.
  case outputNorm
  /// `vocabulary × hidden`; the embedding where the model ties them.
  case output
  case layer(Int, Part)

  public enum Part: Sendable, Hashable, CaseIterable {
    case attentionNorm, query, key, value, queryBias, keyBias, valueBias, attentionOutput
    case feedForwardNorm, gate, up, down
  }
}

/// A matrix of weights as its file holds it: rows one behind the other, each of whole blocks of its type.
public struct WeightMatrix: Sendable {
  public var rows: Int
  public var columns: Int
  public var type: GGUFType
  /// Keeps the bytes.
  let source: any WeightSource
  let range: Range<Int>

  package init(rows: Int, columns: Int, type: GGUFType, source: any WeightSource, range: Range<Int>) {
    self.rows = rows
    self.columns = columns
    self.type = type
    self.source = source
    self.range = range
  }

  /// The matrix's bytes, `rows × rowBytes`, while the closure runs.
  public func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
    try body(UnsafeRawBufferPointer(rebasing: source.bytes[range]))
  }

  /// Lets the system take back the memory that mirrors the file; the bytes are read again when they are wanted.
  public func releaseMemory() { source.releaseMemory(range) }
}

/// What keeps the bytes of weights: a mapped file, or memory.
package protocol WeightSource: AnyObject, Sendable {
  var bytes: UnsafeRawBufferPointer { get }
  func releaseMemory(_ range: Range<Int>)
}
