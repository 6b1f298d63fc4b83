import Kernels

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
  /// The largest squared length of a row.
  private(set) var largestSquaredNorm: Float

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
    largestSquaredNorm = 0
    mean = .allocate(capacity: dimension)
  }

  deinit { mean.deallocate() }

  private var layout: CodeLayout { traversal == .sq4 ? .bits4 : .bits8 }

  /// Bytes from one row of codes to the next. 8-bit rows are not padded: what a kernel reads of the next row meets zeros.
  var codeStride: Int { layout == .bits8 ? dimension : layout.rowBytes(dimension) }

  /// Learns the mean that codes are measured from; nothing where there are no codes.
  func train(_ rows: UnsafePointer<Float>, count: Int) {
    if traversal == .full { return }
    var values = [Float](repeating: 0, count: count * dimension)
    values.withUnsafeMutableBufferPointer { values in
      for row in 0..<count {
        VectorBatch.prepare(
          rows + row * dimension, dimension: dimension, metric: metric, into: values.baseAddress! + row * dimension)
      }
      setMean(ScalarQuantizer.mean(of: values.baseAddress!, count: count, dimension: dimension))
    }
  }

  private func setMean(_ values: [Float]) {
    quantizer = ScalarQuantizer(layout: layout, metric: metric == .l2 ? .l2 : .ip, mean: values)
    for j in 0..<dimension { mean[j] = values[j] }
    squaredMean = Float(Quantization.squaredNorm(mean, dimension: dimension))
  }

  /// Stores `count` vectors as rows from `first` on; what was beyond `first` is overwritten.
  func store(_ vectors: UnsafePointer<Float>, count: Int, at first: Int, threads: Int) throws(VectorIndexError) {
    try resize(to: first + count)
    if traversal != .full, quantizer == nil { train(vectors, count: count) }
    let largest = UnsafeMutablePointer<Float>.allocate(capacity: threads)
    defer { largest.deallocate() }
    largest.update(repeating: largestSquaredNorm, count: threads)
    // Workers write disjoint rows, and their own place of `largest`, all alive until forEach returns.
    nonisolated(unsafe) let source = vectors
    nonisolated(unsafe) let sums = largest
    nonisolated(unsafe) let storage = self
    Parallel.forEach(count: count, threads: threads, grain: 256) { worker, rows in
      storage.encode(source, rows: rows, at: first, largest: sums + worker)
    }
    for worker in 0..<threads { largestSquaredNorm = max(largestSquaredNorm, largest[worker]) }
  }

  private func encode(
    _ vectors: UnsafePointer<Float>, rows: Range<Int>, at first: Int, largest: UnsafeMutablePointer<Float>
  ) {
    withUnsafeTemporaryAllocation(of: Float.self, capacity: dimension) { prepared in
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: dimension) { bytes in
        let x = prepared.baseAddress.unsafelyUnwrapped
        for i in rows {
          let row = first + i
          VectorBatch.prepare(vectors + i * dimension, dimension: dimension, metric: metric, into: x)
          largest.pointee = max(largest.pointee, Float(Quantization.squaredNorm(x, dimension: dimension)))
          switch originals {
          case .f32: (floats.base + row * dimension).update(from: x, count: dimension)
          case .f16: HalfFloat.encode(x, dimension, into: halves.base + row * dimension)
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
  func read(_ file: IndexFile, rows: Int, mean: [Float]?, largestSquaredNorm: Float) throws {
    if originals == .f32 { floats = .init(try file.section("floats", of: Float.self, count: rows * dimension)) }
    if originals == .f16 { halves = .init(try file.section("halves", of: UInt16.self, count: rows * dimension)) }
    if traversal != .full {
      let bytes = rows > 0 ? rows * codeStride + Self.slack : nil
      codes = .init(try file.section("codes", of: UInt8.self, count: bytes))
      terms = .init(try file.section("terms", of: Float.self, count: rows * 2))
    }
    if let mean { setMean(mean) }
    self.largestSquaredNorm = largestSquaredNorm
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
