import Kernels
import Testing

/// Integer kernels, equal to the scalar ones to the last bit; the scalar ones against plain Swift.
@Suite struct CodeKernelTests {
  private func scalar() throws -> KernelTable { try #require(Kernels.named("scalar")) }

  @Test(arguments: Kernels.available) func bytePairs(name: String) throws {
    let kernel = try #require(Kernels.named(name))
    for seed in UInt64(0)..<200 {
      var draw = KernelCase(seed: seed)
      let d = seed == 0 ? 32_768 : draw.d
      let extreme = seed < 4
      let a = extreme ? [Int8](repeating: -128, count: d) : draw.random.integers(d, in: Int8.min...Int8.max)
      let b = draw.random.integers(d, in: (extreme && seed % 2 == 0 ? -128 : 0)...Int8.max)
      let x = extreme ? [UInt8](repeating: 255, count: d) : draw.random.integers(d, in: UInt8.min...UInt8.max)
      let y = draw.random.integers(d, in: (extreme && seed % 2 == 0 ? 255 : 0)...UInt8.max)
      func l2(_ a: [Int], _ b: [Int]) -> Int { zip(a, b).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) } }
      func ip(_ a: [Int], _ b: [Int]) -> Int { zip(a, b).reduce(0) { $0 + $1.0 * $1.1 } }
      func cosine(_ a: [Int], _ b: [Int]) -> Float {
        let aa = Double(ip(a, a))
        let bb = Double(ip(b, b))
        return aa == 0 || bb == 0 ? 0 : Float(Double(ip(a, b)) / (aa.squareRoot() * bb.squareRoot()))
      }
      let (ia, ib, ix, iy) = (a.map(Int.init), b.map(Int.init), x.map(Int.init), y.map(Int.init))
      draw.offset(a) { a in
        draw.offset(b) { b in
          #expect(Int(kernel.l2I8(a, b, d)) == l2(ia, ib), "seed \(seed)")
          #expect(Int(kernel.ipI8(a, b, d)) == ip(ia, ib), "seed \(seed)")
          #expect(kernel.cosineI8(a, b, d) == cosine(ia, ib), "seed \(seed)")
        }
      }
      draw.offset(x) { x in
        draw.offset(y) { y in
          #expect(Int(kernel.l2U8(x, y, d)) == l2(ix, iy), "seed \(seed)")
          #expect(Int(kernel.ipU8(x, y, d)) == ip(ix, iy), "seed \(seed)")
          #expect(kernel.cosineU8(x, y, d) == cosine(ix, iy), "seed \(seed)")
        }
      }
    }
  }

  /// Scores equal to the last bit too: they are never fused.
  @Test(arguments: Kernels.available, [CodeLayout.bits8, .bits4]) func scores(name: String, layout: CodeLayout) throws {
    let kernel = try #require(Kernels.named(name))
    for seed in UInt64(0)..<120 {
      var draw = KernelCase(seed: seed)
      let d = draw.d
      let padded = layout.paddedDimension(d)
      let bytes = layout.rowBytes(d)
      let inRow = seed % 2 == 0
      let stride = bytes + (inRow ? 8 : 0) + draw.shift
      let codes = (0..<draw.rows).map { _ in
        seed < 4
          ? [UInt8](repeating: layout == .bits8 ? 255 : 15, count: d)
          : draw.random.integers(d, in: UInt8(0)...(layout == .bits8 ? 255 : 15))
      }
      let query =
        seed < 4
        ? [Int8](repeating: seed % 2 == 0 ? -128 : 127, count: d) : draw.random.integers(d, in: Int8.min...Int8.max)
      let paddedQuery = query + [Int8](repeating: 0, count: padded - d)
      let scales = draw.random.floats(draw.rows)
      let biases = draw.random.floats(draw.rows)
      let weight = draw.random.floats(1)[0]
      let offset = Int32(layout.zero) * query.reduce(0) { $0 + Int32($1) }
      let metaStride = inRow ? stride : 8
      var memory = [UInt8](repeating: 0, count: draw.rows * stride)
      var separate = [UInt8](repeating: 0, count: draw.rows * 8)
      memory.withUnsafeMutableBytes { memory in
        separate.withUnsafeMutableBytes { separate in
          guard let base = memory.baseAddress?.assumingMemoryBound(to: UInt8.self) else { return }
          for row in 0..<draw.rows {
            layout.pack(codes[row], dimension: d, into: base + row * stride)
            let place = inRow ? row * stride + bytes : row * 8
            let meta = inRow ? memory : separate
            meta.storeBytes(of: scales[row], toByteOffset: place, as: Float.self)
            meta.storeBytes(of: biases[row], toByteOffset: place + 4, as: Float.self)
          }
        }
      }
      let ids = draw.ids()
      var got = [Float](repeating: -7, count: draw.n + 1)
      draw.offset(paddedQuery) { q8 in
        draw.offset(memory) { memory in
          draw.offset(separate) { separate in
            var codeQuery = CodeQuery(codes: q8, offset: offset, weight: weight)
            var codeRows = CodeRows(
              codes: memory, stride: stride, paddedDimension: padded, meta: inRow ? memory + bytes : separate,
              metaStride: metaStride)
            let score = layout == .bits8 ? kernel.scoreU8Gather : kernel.scoreU4Gather
            score(&codeQuery, &codeRows, ids, draw.n, &got)
          }
        }
      }
      let expected = ids.map { id in
        let row = Int(id)
        let raw = zip(query, codes[row]).reduce(Int32(0)) { $0 + Int32($1.0) * Int32($1.1) }
        let product = scales[row] * weight * Float(raw - offset)
        return biases[row] + product
      }
      #expect(got == expected + [-7], "seed \(seed)")
    }
  }

  @Test(arguments: Kernels.available, [CodeLayout.bits8, .bits4]) func panels(name: String, layout: CodeLayout) throws {
    let kernel = try #require(Kernels.named(name))
    for seed in UInt64(0)..<60 {
      var draw = KernelCase(seed: seed)
      let d = draw.d
      let padded = layout.panelDimension(d)
      let nq = draw.n
      let np = Panels.count(rows: draw.rows)
      let ldo = 32 * np + 3
      let stride = padded + draw.shift
      let codes = (0..<draw.rows).map { _ in
        seed < 4
          ? [UInt8](repeating: layout == .bits8 ? 255 : 15, count: d)
          : draw.random.integers(d, in: UInt8(0)...(layout == .bits8 ? 255 : 15))
      }
      var panels = [UInt8](repeating: 0, count: layout.panelBytes(rows: draw.rows, dimension: d))
      for row in 0..<draw.rows { layout.store(codes[row], dimension: d, row: row, in: &panels) }
      let queries = (0..<nq).map { _ in
        seed < 4 ? [Int8](repeating: -128, count: d) : draw.random.integers(d, in: Int8.min...Int8.max)
      }
      // What lies between the dimension and the padded one is zero; what lies beyond must not be read as a query.
      var packed = [Int8](repeating: 99, count: max(0, nq - 1) * stride + (nq > 0 ? padded : 0))
      for i in 0..<nq {
        for j in 0..<padded { packed[i * stride + j] = j < d ? queries[i][j] : 0 }
      }
      var got = [Int32](repeating: -7, count: nq * ldo)
      draw.offset(packed) { q in
        draw.offset(panels) { panels in
          let dot = layout == .bits8 ? kernel.dotU8Panels : kernel.dotU4Panels
          dot(q, nq, stride, panels, np, padded, &got, ldo)
        }
      }
      for i in 0..<nq {
        let expected = codes.map { row in zip(queries[i], row).reduce(Int32(0)) { $0 + Int32($1.0) * Int32($1.1) } }
        #expect(Array(got[i * ldo..<i * ldo + draw.rows]) == expected, "seed \(seed), query \(i)")
        #expect(Array(got[i * ldo + 32 * np..<(i + 1) * ldo]) == [-7, -7, -7], "seed \(seed)")
      }
    }
  }

  @Test(arguments: Kernels.available) func lookupScan(name: String) throws {
    let kernel = try #require(Kernels.named(name))
    for seed in UInt64(0)..<60 {
      var draw = KernelCase(seed: seed)
      let m = [0, 2, 4, 6, 16, 48, 98, 192, 196, 258, 512, 514, 1_026].randomElement(using: &draw.random) ?? 2
      let blocks = draw.n % 10
      let largest: UInt8 = seed % 3 == 0 ? 255 : 40
      let luts = draw.random.integers(m * 16, in: (seed % 6 == 0 ? 250 : 0)...max(largest, 250))
      let codes = draw.random.integers(blocks * m / 2 * 32, in: UInt8.min...UInt8.max)
      var got = [UInt16](repeating: 7, count: blocks * 32 + 1)
      draw.offset(luts) { luts in
        draw.offset(codes) { codes in kernel.pq4Scan(luts, m, codes, blocks, &got) }
      }
      for b in 0..<blocks {
        for r in 0..<32 {
          var sum = 0
          for pair in 0..<m / 2 {
            let byte = Int(codes[(b * m / 2 + pair) * 32 + r])
            sum += Int(luts[pair * 32 + byte & 15]) + Int(luts[pair * 32 + 16 + byte >> 4])
          }
          #expect(Int(got[b * 32 + r]) == min(sum, 65_535), "seed \(seed), m \(m), block \(b), row \(r)")
        }
      }
      #expect(got.last == 7)
    }
  }

  @Test(arguments: Kernels.available) func selection(name: String) throws {
    let kernel = try #require(Kernels.named(name))
    for seed in UInt64(0)..<200 {
      var random = SeededRandom(seed: seed)
      let n = Int.random(in: 0...100, using: &random)
      var scores = random.integers(n, in: -20...20).map { Float($0) }
      if n > 3 { scores[n / 2] = .nan }
      let bound: Float = [-30, -20, 0, 3.5, 30, .infinity, .nan].randomElement(using: &random) ?? 0
      var ids = [Int32](repeating: -9, count: n + 1)
      var found = [Float](repeating: -9, count: n + 1)
      let count = kernel.selectBelow(scores, n, bound, 1_000, &ids, &found)
      let expected = (0..<n).filter { scores[$0] < bound }
      #expect(Array(ids[..<count]) == expected.map { 1_000 + Int32($0) }, "seed \(seed)")
      #expect(Array(found[..<count]) == expected.map { scores[$0] }, "seed \(seed)")
      #expect(ids[n] == -9 && found[n] == -9, "seed \(seed)")
    }
  }
}
