import Experiments
import Testing
import YAML

@Suite struct ParameterGridTests {
  private func axis(_ yaml: String) throws -> (values: [String]?, problems: String) {
    let problems = SpecProblems()
    let axis = GridAxis("ef", try YAMLNode.parse(yaml, file: "test.yml"), path: "search.ef", problems: problems)
    do {
      try problems.check()
      return (axis?.values, "")
    } catch {
      return (axis?.values, error.description)
    }
  }

  @Test(arguments: [
    ("10", ["10"]),
    ("[10, 20, 40]", ["10", "20", "40"]),
    ("[10, 20, 10]", ["10", "20"]),
    ("1..4", ["1", "2", "3", "4"]),
    ("10..40+10", ["10", "20", "30", "40"]),
    ("10..45+10", ["10", "20", "30", "40"]),
    ("10..160*2", ["10", "20", "40", "80", "160"]),
    ("[1, 10..40*2]", ["1", "10", "20", "40"]),
    ("{from: 10, to: 30, step: 10}", ["10", "20", "30"]),
    ("{from: 1, to: 8, factor: 2}", ["1", "2", "4", "8"]),
    ("{from: 3, to: 5}", ["3", "4", "5"]),
    ("0.1..0.5+0.1", ["0.1", "0.2", "0.3", "0.4", "0.5"]),
    ("\"HNSW16,Flat\"", ["HNSW16,Flat"]),
    ("\"1..4\"", ["1..4"]),
    ("a..b", ["a..b"]),
    ("true", ["true"]),
  ])
  func valuesAsWritten(yaml: String, expected: [String]) throws {
    #expect(try axis(yaml) == (expected, ""))
  }

  @Test(arguments: [
    ("[]", "an empty list"),
    ("160..10*2", "runs upwards"),
    ("10..160*1", "factor must be above 1"),
    ("10..160*x", "is no range"),
    ("10..20+0", "step must be above 0"),
    ("0..1e9", "more than 10000 values"),
    ("{from: 1}", "needs the numbers 'from' and 'to'"),
    ("{from: 1, to: 2, step: 1, factor: 2}", "not both"),
    ("{from: 1, to: 2, stpe: 1}", "did you mean 'step'?"),
    ("[[1, 2], 3]", "not a list"),
    ("~", "not nothing"),
  ])
  func mistakesAreNamed(yaml: String, reason: String) throws {
    let read = try axis(yaml)
    #expect(read.values == nil)
    #expect(read.problems.contains("search.ef: "))
    #expect(read.problems.contains(reason), "\(read.problems)")
  }

  @Test func gridsMultiplyInTheOrderWritten() throws {
    let node = try YAMLNode.parse("{m: [8, 16], ef_construction: [100, 200], seed: 1}", file: "test.yml")
    let grid = ParameterGrid(SpecReader(node, path: "build", problems: SpecProblems()))
    #expect(
      grid.points.map(\.label) == [
        "m=8,ef_construction=100,seed=1", "m=8,ef_construction=200,seed=1", "m=16,ef_construction=100,seed=1",
        "m=16,ef_construction=200,seed=1",
      ])
    #expect(ParameterGrid().points.map(\.label) == [""])
  }
}
