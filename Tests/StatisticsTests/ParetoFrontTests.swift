import Statistics
import Testing

struct ParetoFrontTests {
  @Test func onlyUnbeatenPointsAreKept() {
    let recall = [0.8, 0.9, 0.9, 0.95, 0.93, 0.99, 0.99, .nan]
    let qps = [900.0, 700, 600, 400, 390, 100, 100, 5_000]
    let front = ParetoFront(x: recall, y: qps, better: .higher)
    #expect(front.points.map(\.index) == [0, 1, 3, 5])
    let latency = ParetoFront(x: recall, y: qps.map { 1 / $0 }, better: .lower)
    #expect(latency.points.map(\.index) == [0, 1, 3, 5])
  }

  /// Against the definition, over random points of a coarse grid, so that ties are many.
  @Test(arguments: [1, 2, 3, 4, 5] as [UInt64])
  func theFrontIsTheDefinitions(seed: UInt64) {
    var generator = SplitMix64(seed: seed)
    let points = (0..<60).map { _ in
      (Double(Int.random(in: 0..<12, using: &generator)), Double(Int.random(in: 0..<12, using: &generator)))
    }
    let front = ParetoFront(x: points.map(\.0), y: points.map(\.1), better: .higher)
    let expected = points.indices.filter { i in
      !points.indices.contains { j in
        let (a, b) = (points[i], points[j])
        let isNoWorse = b.0 >= a.0 && b.1 >= a.1
        return isNoWorse && (b != a || j < i)
      }
    }
    #expect(Set(front.points.map(\.index)) == Set(expected), "seed \(seed)")
    #expect(front.points.map(\.x) == front.points.map(\.x).sorted(), "seed \(seed)")
  }

  @Test func aRecallBetweenTwoPointsIsLogLinear() throws {
    let front = ParetoFront(x: [0.90, 0.94, 0.98], y: [10_000, 1_000, 100], better: .higher)
    #expect(try #require(front.y(at: 0.92)).isEqual(to: 10_000 / 10.0.squareRoot(), within: 1e-6))
    #expect(front.y(at: 0.94) == 1_000)
    #expect(try #require(front.y(at: 0.92, .linear)).isEqual(to: 5_500, within: 1e-6))
  }

  @Test func outsideTheFrontNothingIsMadeUp() {
    let front = ParetoFront(x: [0.92, 0.98], y: [1_000, 100], better: .higher)
    #expect(front.y(at: 0.90) == 1_000, "an easier recall is reached by the first point")
    #expect(front.y(at: 0.99) == nil, "not reached")
    #expect(ParetoFront(x: [], y: [], better: .lower).y(at: 0.9) == nil)
    #expect(ParetoFront(x: [0, 1], y: [1, 0], better: .higher).y(at: 0.5) == 0.5, "no logarithm of zero")
  }
}
