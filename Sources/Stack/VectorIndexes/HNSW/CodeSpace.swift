import Kernels

/// Rows of 8-bit or 4-bit codes round a mean; see `ScalarQuantizer` for what a score means.
struct CodeSpace: RowSpace, @unchecked Sendable {
  // Sendable holds because the rows are only read while the index's gate is held.
  let codes: UnsafePointer<UInt8>
  /// Bytes from one row of codes to the next.
  let stride: Int
  let padded: Int
  /// Scale and bias of each row.
  let terms: UnsafePointer<Float>
  let layout: CodeLayout
  let metric: DistanceMetric
  let dimension: Int
  /// `dimension` floats, and |mean|².
  let mean: UnsafePointer<Float>
  let squaredMean: Float
  let kernel: KernelTable.CodeScores

  struct Scorer: RowScorer {
    var query: CodeQuery
    var rows: CodeRows
    let codes: UnsafePointer<UInt8>
    let stride: Int
    let terms: UnsafePointer<Float>
    let constant: Float
    let kernel: KernelTable.CodeScores

    @inline(__always)
    func score(_ list: UnsafePointer<Int32>, _ count: Int, into out: UnsafeMutablePointer<Float>) {
      withUnsafePointer(to: query) { query in
        withUnsafePointer(to: rows) { rows in kernel(query, rows, list, count, out) }
      }
    }

    @inline(__always)
    func fetch(_ row: Int32) {
      let start = UnsafeRawPointer(codes + Int(row) &* stride)
      var line = 0
      while line < stride {
        prefetch(start + line)
        line &+= 64
      }
      prefetch(terms + 2 &* Int(row))
    }
  }

  private var zero: Int32 { Int32(layout.zero) }

  /// Codes of a query are `padded` bytes; unpacking writes whole blocks.
  var slotBytes: Int { padded }

  func scorer(vector: UnsafePointer<Float>, slot: UnsafeMutableRawPointer) -> Scorer {
    let codes = slot.assumingMemoryBound(to: Int8.self)
    let query = Quantization.encodeQuery(vector, mean: mean, dimension: dimension, into: codes)
    for j in dimension..<padded { codes[j] = 0 }
    let factor: Double = metric == .l2 ? -2 : -1
    let constant = metric == .l2 ? query.squaredNorm : -query.dotMean
    return scorer(
      codes, offset: zero &* query.codeSum, weight: Float(factor * query.scale), constant: Float(constant))
  }

  /// The row's own codes serve as the query's: both are whole multiples of a scale.
  func scorer(row: Int32, slot: UnsafeMutableRawPointer) -> Scorer {
    let codes = slot.assumingMemoryBound(to: Int8.self)
    let source = self.codes + Int(row) &* stride
    var sum: Int32 = 0
    switch layout {
    case .bits8:
      for j in 0..<dimension {
        let code = Int8(truncatingIfNeeded: Int32(source[j]) &- 128)
        codes[j] = code
        sum &+= Int32(code)
      }
    case .bits4:
      var block = 0
      while block < padded {
        let bytes = source + block / 2
        for j in 0..<64 {
          codes[block &+ j] = Int8(bitPattern: bytes[j] & 15) &- 7
          codes[block &+ 64 &+ j] = Int8(bitPattern: bytes[j] &>> 4) &- 7
        }
        block &+= 128
      }
      for j in 0..<dimension { sum &+= Int32(codes[j]) }
    }
    for j in dimension..<padded { codes[j] = 0 }
    let scale = terms[2 &* Int(row)]
    let bias = terms[2 &* Int(row) &+ 1]
    let factor: Float = metric == .l2 ? -2 : -1
    return scorer(
      codes, offset: zero &* sum, weight: factor * scale,
      constant: metric == .l2 ? bias : bias - squaredMean)
  }

  @inline(__always)
  private func scorer(
    _ codes: UnsafePointer<Int8>, offset: Int32, weight: Float, constant: Float
  ) -> Scorer {
    Scorer(
      query: CodeQuery(codes: codes, offset: offset, weight: weight),
      rows: CodeRows(
        codes: self.codes, stride: stride, paddedDimension: padded,
        meta: UnsafeRawPointer(terms).assumingMemoryBound(to: UInt8.self), metaStride: 8),
      codes: self.codes, stride: stride, terms: terms,
      constant: metric == .cosine ? constant + 1 : constant, kernel: kernel)
  }
}
