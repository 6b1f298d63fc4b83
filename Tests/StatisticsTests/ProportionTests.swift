import Statistics
import Testing

@Suite struct ProportionTests {
  /// By Python's floats and Wilson's formula with z = 1.959963984540054.
  @Test(arguments: [
    (1, 22, 0.008069427621263845, 0.21798045838657332), (2, 22, 0.025295428990995277, 0.27814946841605814),
    (23, 1000, 0.015374276932992918, 0.03427645066222667), (0, 10, 0, 0.2775327998628892),
    (10, 10, 0.7224672001371106, 1), (0, 0, 0, 1),
  ])
  func wilsonsInterval(_ hits: Int, _ count: Int, _ lower: Double, _ upper: Double) {
    let interval = Proportion.interval(hits, of: count)
    #expect(abs(interval.lower - lower) < 1e-9 && abs(interval.upper - upper) < 1e-9)
  }
}
