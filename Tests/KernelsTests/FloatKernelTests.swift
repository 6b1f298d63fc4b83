import Kernels
import Testing

/// Every implementation this CPU can run, held against the scalar one. Float sums may differ by 4e-6 of the sum of their
/// terms' magnitudes.
@Suite struct FloatKernelTests {
  static let names = Kernels.available.filter { $0 != "scalar" }

  private func both(_ name: String) throws -> (KernelTable, KernelTable) {
    (try #require(Kernels.named(name)), try #require(Kernels.named("scalar")))
  }

  @Test(arguments: names) func pairs(name: String) throws {
    let (kernel, scalar) = try both(name)
    for seed in UInt64(0)..<200 {
      var draw = KernelCase(seed: seed)
      let a = draw.random.floats(draw.d)
      let b = draw.random.floats(draw.d)
      draw.offset(a) { a in
        draw.offset(b) { b in
          #expect(
            agree(kernel.l2(a, b, draw.d), scalar.l2(a, b, draw.d), magnitude: scalar.l2(a, b, draw.d)), "seed \(seed)")
          #expect(agree(kernel.ip(a, b, draw.d), scalar.ip(a, b, draw.d), magnitude: Float(draw.d)), "seed \(seed)")
          #expect(abs(kernel.cosine(a, b, draw.d) - scalar.cosine(a, b, draw.d)) < 1e-5, "seed \(seed)")
        }
      }
    }
  }

  @Test func scalarAgreesWithDoublePrecision() throws {
    let scalar = try #require(Kernels.named("scalar"))
    for seed in UInt64(0)..<50 {
      var draw = KernelCase(seed: seed)
      let a = draw.random.floats(draw.d)
      let b = draw.random.floats(draw.d)
      let l2 = zip(a, b).reduce(0.0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
      let ip = zip(a, b).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
      #expect(agree(scalar.l2(a, b, draw.d), Float(l2), magnitude: Float(l2)), "seed \(seed)")
      #expect(agree(scalar.ip(a, b, draw.d), Float(ip), magnitude: Float(draw.d)), "seed \(seed)")
    }
  }

  @Test(arguments: Kernels.available) func cosineOfUnusualVectors(name: String) throws {
    let kernel = try #require(Kernels.named(name))
    let zero = [Float](repeating: 0, count: 5)
    let large = [Float](repeating: 1e15, count: 5)
    #expect(kernel.cosine(zero, large, 5) == 0)
    #expect(kernel.cosine(large, zero, 5) == 0)
    #expect(kernel.cosine(large, large, 0) == 0)
    #expect(abs(kernel.cosine(large, large, 5) - 1) < 1e-6)
  }

  @Test(arguments: names) func gatherAndRows(name: String) throws {
    let (kernel, scalar) = try both(name)
    for seed in UInt64(0)..<200 {
      var draw = KernelCase(seed: seed)
      let d = draw.d
      let n = draw.n
      let stride = draw.stride
      let ids = draw.ids()
      let q = draw.random.floats(d)
      let base = draw.random.floats((draw.rows - 1) * stride + d)
      var half = [UInt16](repeating: 0, count: base.count)
      scalar.f16FromF32(base, base.count, &half)
      let magnitude = Float(4 * d)
      func check(_ what: String, _ run: (KernelTable, UnsafeMutablePointer<Float>) -> Void) {
        var got = [Float](repeating: -7, count: n + 1)
        var expected = got
        run(kernel, &got)
        run(scalar, &expected)
        #expect(got.last == -7, "\(what) wrote past its end, seed \(seed)")
        #expect(zip(got, expected).allSatisfy { agree($0, $1, magnitude: magnitude) }, "\(what), seed \(seed)")
      }
      draw.offset(q) { q in
        draw.offset(base) { base in
          check("l2Gather") { $0.l2Gather(q, base, stride, d, ids, n, $1) }
          check("ipGather") { $0.ipGather(q, base, stride, d, ids, n, $1) }
          let rows = min(n, draw.rows)
          check("l2Rows") { $0.l2Rows(q, base, stride, d, rows, $1) }
          check("ipRows") { $0.ipRows(q, base, stride, d, rows, $1) }
        }
        draw.offset(half) { half in
          check("l2F16Gather") { $0.l2F16Gather(q, half, stride, d, ids, n, $1) }
          check("ipF16Gather") { $0.ipF16Gather(q, half, stride, d, ids, n, $1) }
        }
      }
    }
  }

  @Test(arguments: names) func panels(name: String) throws {
    let (kernel, scalar) = try both(name)
    for seed in UInt64(0)..<60 {
      var draw = KernelCase(seed: seed)
      let d = draw.d
      let nq = draw.n
      let np = Int.random(in: 0...9, using: &draw.random)
      let ldo = 32 * np + 3
      let q = draw.random.floats(max(1, nq) * draw.stride)
      let panels = draw.random.floats(np * 32 * d)
      var got = [Float](repeating: -7, count: nq * ldo + 1)
      var expected = got
      draw.offset(q) { q in
        draw.offset(panels) { panels in
          kernel.ipPanels(q, nq, draw.stride, panels, np, d, &got, ldo)
          scalar.ipPanels(q, nq, draw.stride, panels, np, d, &expected, ldo)
        }
      }
      #expect(zip(got, expected).allSatisfy { agree($0, $1, magnitude: Float(d)) }, "seed \(seed)")
    }
  }

  /// The scalar panels against dot products of the packed rows.
  @Test func scalarPanelsComputeInnerProducts() throws {
    let scalar = try #require(Kernels.named("scalar"))
    var random = SeededRandom(seed: 5)
    let d = 37
    let rows = 70
    let vectors = random.floats(rows * d)
    let q = random.floats(3 * d)
    var panels = [Float](repeating: 0, count: Panels.floatCount(rows: rows, dimension: d))
    Panels.pack(vectors, rows: rows, stride: d, dimension: d, into: &panels)
    var out = [Float](repeating: 0, count: 3 * 96)
    scalar.ipPanels(q, 3, d, panels, 3, d, &out, 96)
    for i in 0..<3 {
      for row in 0..<96 {
        let expected =
          row < rows ? scalar.ip(Array(q[i * d..<(i + 1) * d]), Array(vectors[row * d..<(row + 1) * d]), d) : 0
        #expect(agree(out[i * 96 + row], expected, magnitude: Float(d)))
      }
    }
  }

  @Test(arguments: Kernels.available) func halfRoundsLikeSwift(name: String) throws {
    let kernel = try #require(Kernels.named(name))
    var random = SeededRandom(seed: 11)
    var values: [Float] = [
      0, -0.0, 1, 65_504, 65_519.996, 65_520, -1e9, .infinity, -.infinity, 6.1e-5, 5.96e-8, 2.98e-8, 2.981e-8, 1e-30,
      .nan, .leastNonzeroMagnitude, 0.000_060_975_55,
    ]
    values += (0..<4_000).map { _ in Float(bitPattern: UInt32.random(in: 0...(.max), using: &random)) }
    values += (0..<4_000).map { _ in
      Float.random(in: -2...2, using: &random) * Float.random(in: 0...1e-4, using: &random)
    }
    values += (0..<4_000).map { _ in Float(Float16(bitPattern: .random(in: 0...0x7bff, using: &random))) * (1 + 0x1p-11)
    }
    for count in [0, 1, 15, 16, 17, values.count] {
      var got = [UInt16](repeating: 0xABCD, count: count + 1)
      kernel.f16FromF32(values, count, &got)
      #expect(got[count] == 0xABCD)
      for index in 0..<count {
        let expected = Float16(values[index])
        let half = Float16(bitPattern: got[index])
        #expect(expected.isNaN ? half.isNaN : half.bitPattern == expected.bitPattern, "\(values[index])")
      }
    }
  }
}
