import Kernels

extension RowStore {
  /// Copies queries into the scratch, normalised where the metric asks for it, and encodes them with `quantizer`.
  func prepare(
    _ queries: UnsafePointer<Float>, count: Int, quantizer: ScalarQuantizer?, scratch: ScanScratch
  ) {
    let queryBytes = quantizer?.paddedDimension ?? 0
    scratch.prepare(queries: count, dimension: dimension, queryBytes: queryBytes)
    for index in 0..<count {
      let vector = scratch.vectors + index * dimension
      VectorBatch.prepare(queries + index * dimension, dimension: dimension, metric: metric, into: vector)
      if let quantizer {
        scratch.states[index].code = quantizer.encode(query: vector, into: scratch.codes + index * queryBytes)
      }
    }
  }

  /// The k nearest rows of the whole store for the first `count` prepared queries, into their heaps; by scores alone where
  /// the store has codes and no bound.
  ///
  /// - Parameters:
  ///   - reference: what rows are measured from; nil when there are no codes.
  ///   - codeStride: bytes between encoded queries.
  func nearest(
    count queries: Int, k: Int, reference: RowReference?, filter: IDFilter?, codeStride: Int, scratch: ScanScratch
  ) {
    for index in 0..<queries {
      scratch.states[index].reset(k: k, vector: scratch.vectors + index * dimension)
    }
    guard let reference, case .scalar(let quantizer) = codec else {
      for index in 0..<queries {
        scanOriginals(scratch.states + index, places: 0..<count, filter: filter, scratch: scratch)
      }
      return
    }
    for index in 0..<queries {
      var code = scratch.states[index].code
      code.offset = Int32(quantizer.layout.zero) &* code.sum
      scratch.states[index].panel =
        bound?.query(code, meanReference: reference)
        ?? PanelQuery(offset: code.offset, weight: code.weight, constant: code.constant)
    }
    withUnsafeTemporaryAllocation(of: Int32.self, capacity: queries) { members in
      for index in 0..<queries { members[index] = Int32(index) }
      let task = ScanTask(
        places: 0..<count, members: members.baseAddress!, count: queries, codes: scratch.codes, codeStride: codeStride,
        filter: filter,
        collectsPlaces: false)
      scan(task, scratch: scratch)
    }
    if bound == nil { return }
    for index in 0..<queries { finish(scratch.states + index, scratch: scratch) }
  }
}
