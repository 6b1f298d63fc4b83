import Kernels
import Synchronization

/// The vectors of an HNSW index: originals in one precision or none, and codes where the graph is walked on codes.
final class RowStorage {
  let dimension: Int
  let metric: DistanceMetric
  let traversal: HNSWParameters.Traversal
  let originals: HNSWParameters.Originals
  private(set) var floats: GrowableBuffer<Float>
  private(set) var halves: GrowableBuffer<UInt16>
  private(set) var codes: GrowableBuffer<UInt8>
  /// Scale and bias of each row of codes.
  private(set) var terms: GrowableBuffer<Float>
  private(set) var quantizer: ScalarQuantizer?
  /// The quantiser's mean where pointers can reach it.
  private let mean: UnsafeMutablePointer<Float>
  private var squaredMean: Float = 0
  /// The smallest and the largest squared length of a row there ever was.
  private(set) var squaredNorms: ClosedRange<Float>?

  /// Bytes that kernels may read past the last row of codes: queries are padded with zeros, rows are not.
  private static var slack: Int { 64 }

  init(dimension: Int, metric: DistanceMetric, parameters: HNSWParameters) {
    self.dimension = dimension
    self.metric = metric
    traversal = parameters.traversal
    originals = parameters.originals
    floats = .init()
    halves = .init()
    codes = .init()
    terms = .init()
    mean = .allocate(capacity: dimension)
  }

  deinit { mean.deallocate() }

  private var layout: CodeLayout { traversal == .sq4 ? .bits4 : .bits8 }

  /// Bytes from one row of codes to the next. 8-bit rows, and 4-bit rows of less than half a block, are not padded: what a
  /// kernel reads of the rows after them meets zeros of the query.
  var codeStride: Int { layout == .bits8 || dimension < 64 ? dimension : layout.rowBytes(dimension) }

  /// Learns the mean that codes are measured from, of rows spread evenly over `count`; nothing where there are no codes.
  func train(_ rows: UnsafePointer<Float>, count: Int) {
    if traversal == .full { return }
    let sampled = min(count, Self.sampleRows)
    withUnsafeTemporaryAllocation(of: Float.self, capacity: sampled * dimension) { sample in
      let sample = sample.baseAddress.unsafelyUnwrapped
      for i in 0..<sampled {
        let row = i * count / sampled
        VectorBatch.prepare(
          rows + row * dimension, dimension: dimension, metric: metric, into: sample + i * dimension)
      }
      setMean(ScalarQuantizer.mean(of: sample, count: sampled, dimension: dimension))
    }
  }

  /// More rows do not make a mean better.
  private static var sampleRows: Int { 8192 }

  private func setMean(_ values: [Float]) {
    quantizer = ScalarQuantizer(layout: layout, metric: metric == .l2 ? .l2 : .ip, mean: values)
    for j in 0..<dimension { mean[j] = values[j] }
    squaredMean = Float(Quantization.squaredNorm(mean, dimension: dimension))
  }

  /// Stores `count` vectors as rows from `first` on; what was beyond `first` is overwritten.
  func store(_ vectors: UnsafePointer<Float>, count: Int, at first: Int, threads: Int) throws(VectorIndexError) {
    try resize(to: first + count)
    if traversal != .full, quantizer == nil { train(vectors, count: count) }
    // Workers write disjoint rows, all alive until forEach returns.
    nonisolated(unsafe) let (source, storage) = (vectors, self)
    let norms = Mutex(squaredNorms)
    Parallel.forEach(count: count, threads: threads, grain: 256) { _, rows in
      let range = storage.encode(source, rows: rows, at: first)
      norms.withLock {
        $0 = $0.map { min($0.lowerBound, range.lowerBound)...max($0.upperBound, range.upperBound) } ?? range
      }
    }
    squaredNorms = norms.withLock { $0 }
  }

  /// Stores rows that there is room for; returns the range of their squared lengths.
  private func encode(_ vectors: UnsafePointer<Float>, rows: Range<Int>, at first: Int) -> ClosedRange<Float> {
    var smallest = Float.infinity
    var largest: Float = 0
    withUnsafeTemporaryAllocation(of: Float.self, capacity: dimension) { prepared in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: dimension) { bytes in
        let x = prepared.baseAddress.unsafelyUnwrapped
        for i in rows {
          let row = first + i
          VectorBatch.prepare(vectors + i * dimension, dimension: dimension, metric: metric, into: x)
          let norm = Quantization.squaredNorm(x, dimension: dimension)
          let squaredNorm = Float(min(norm, Double(Float.greatestFiniteMagnitude)))
          smallest = min(smallest, squaredNorm)
          largest = max(largest, squaredNorm)
          switch originals {
          case .f32: (floats.base + row * dimension).update(from: x, count: dimension)
          case .f16: Kernels.active.f16FromF32(x, dimension, halves.base + row * dimension)
          case .none: break
          }
          guard let quantizer else { continue }
          let code = codes.base + row * codeStride
          let terms =
            layout == .bits8
            ? quantizer.encode(x, bytes: code)
            : quantizer.encode(x, into: code, scratch: bytes.baseAddress.unsafelyUnwrapped)
          self.terms.base[2 * row] = terms.scale
          self.terms.base[2 * row + 1] = terms.bias
        }
      }
    }
    return smallest...largest
  }

  /// Copies row `source` over row `target`.
  func move(row source: Int, to target: Int) {
    if originals == .f32 {
      (floats.base + target * dimension).update(from: floats.base + source * dimension, count: dimension)
    }
    if originals == .f16 {
      (halves.base + target * dimension).update(from: halves.base + source * dimension, count: dimension)
    }
    if traversal == .full { return }
    (codes.base + target * codeStride).update(from: codes.base + source * codeStride, count: codeStride)
    (terms.base + 2 * target).update(from: terms.base + 2 * source, count: 2)
  }

  /// Sets the number of rows; new ones are not meaningful yet.
  func resize(to count: Int) throws(VectorIndexError) {
    if originals == .f32 { try floats.resize(to: count * dimension) }
    if originals == .f16 { try halves.resize(to: count * dimension) }
    if traversal == .full { return }
    try codes.resize(to: count * codeStride + Self.slack)
    try terms.resize(to: count * 2)
  }

  /// What a file needs beside the mean.
  var sections: [IndexFile.Section] {
    var sections: [IndexFile.Section] = []
    if originals == .f32 { sections.append(.init("floats", floats.elements)) }
    if originals == .f16 { sections.append(.init("halves", halves.elements)) }
    if traversal != .full {
      sections.append(.init("codes", codes.elements))
      sections.append(.init("terms", terms.elements))
    }
    return sections
  }

  /// Takes `rows` rows from a file, where they stay until something changes them.
  func read(_ file: IndexFile, rows: Int, mean: [Float]?, squaredNorms: ClosedRange<Float>?) throws {
    if originals == .f32 { floats = .init(try file.section("floats", of: Float.self, count: rows * dimension)) }
    if originals == .f16 { halves = .init(try file.section("halves", of: UInt16.self, count: rows * dimension)) }
    if traversal != .full {
      let bytes = rows > 0 ? rows * codeStride + Self.slack : nil
      codes = .init(try file.section("codes", of: UInt8.self, count: bytes))
      terms = .init(try file.section("terms", of: Float.self, count: rows * 2))
    }
    if let mean { setMean(mean) }
    self.squaredNorms = squaredNorms
  }

  func trim() {
    floats.trim()
    halves.trim()
    codes.trim()
    terms.trim()
  }

  var floatSpace: FloatSpace { FloatSpace(base: floats.base, dimension: dimension, metric: metric) }
  var halfSpace: HalfSpace { HalfSpace(base: halves.base, dimension: dimension, metric: metric) }
  var codeSpace: CodeSpace {
    CodeSpace(
      codes: codes.base, stride: codeStride, padded: layout.paddedDimension(dimension), terms: terms.base,
      layout: layout, metric: metric, dimension: dimension, mean: mean, squaredMean: squaredMean,
      kernel: layout == .bits8 ? Kernels.active.scoreU8Gather : Kernels.active.scoreU4Gather)
  }

  /// Bytes that any of its scorers, or one prepared vector, needs.
  var slotBytes: Int { max(dimension * 4, (dimension + 127) / 128 * 128) }
}
