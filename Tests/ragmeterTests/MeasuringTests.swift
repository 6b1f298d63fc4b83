import Foundation
import Testing

/// `run` and `index` on small made-up data, from the command line to the files.
@Suite struct MeasuringTests {
  private static let data = "synthetic:count=400,dimension=8,queries=20,clusters=4,intrinsic_dimension=4"

  private final class Workplace {
    let path = FileManager.default.temporaryDirectory.appending(path: "ragmeter-tests-\(UUID().uuidString)").path

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func write(_ text: String, _ name: String) throws {
      try Data(text.utf8).write(to: URL(fileURLWithPath: "\(path)/\(name)"))
    }

    func run(_ words: [String]) throws -> Program.Answer {
      try Program.run(words, environment: ["RAGMETER_CACHE": "\(path)/cache", "NO_COLOR": "1"], folder: path)
    }
  }

  private struct Run: Decodable {
    struct Case: Decodable {
      struct Metric: Decodable { var value: Double? }
      var id: String
      var labels: [String: String]
      var metrics: [String: Metric]
      var failure: String?
    }
    var schema: String
    var cases: [Case]
  }

  private func decoded(_ json: String) throws -> Run { try JSONDecoder().decode(Run.self, from: Data(json.utf8)) }

  @Test func indexGivesTheJSONOfARun() throws {
    let place = try Workplace()
    let answer = try place.run(["index", "--dataset", Self.data, "--index", "flat", "--k", "5", "--json", "-"])
    #expect(answer.status == 0, "\(answer.errors)")
    let run = try decoded(answer.output)
    #expect(run.schema == "ragmeter.run/1")
    #expect(run.cases.count == 1)
    #expect(run.cases[0].metrics["recall@5"]?.value == 1)
    #expect(run.cases[0].labels["index"] == "flat")
    #expect(run.cases[0].labels["k"] == "5")
    #expect(FileManager.default.fileExists(atPath: place.path + "/results/local/runs.sqlite"))
    #expect(answer.errors.contains("1 case, about"))
  }

  @Test func runWritesTablesAndFiles() throws {
    let place = try Workplace()
    try place.write(
      """
      name: small
      quick: {repetitions: 1}
      experiments:
        - {workload: insert, datasets: ["\(Self.data)"], indexes: [flat]}
        - {workload: search, datasets: ["\(Self.data)"], indexes: [flat], modes: [single, 10]}
      """, "small.yml")
    let answer = try place.run([
      "run", "small.yml", "--quick", "--set", "experiments.search.k=3", "--csv", "out.csv", "--markdown", "out.md",
      "--store", "runs.sqlite",
    ])
    #expect(answer.status == 0, "\(answer.errors)")
    #expect(answer.output.contains("run small ("))
    #expect(answer.output.contains("recall@3"))
    #expect(try String(contentsOfFile: place.path + "/out.csv", encoding: .utf8).contains("recall@3"))
    #expect(try String(contentsOfFile: place.path + "/out.md", encoding: .utf8).hasPrefix("## run small"))
  }

  @Test func aFailedCaseFailsTheRunAndLosesNothing() throws {
    let place = try Workplace()
    try place.write(
      """
      experiments:
        - workload: search
          datasets: ["\(Self.data)"]
          repetitions: 1
          indexes: [flat, {adapter: broken, command: [/bin/false]}]
      """, "broken.yml")
    let answer = try place.run(["run", "broken.yml", "--json", "-"])
    #expect(answer.status == 1)
    let run = try decoded(answer.output)
    #expect(run.cases.count == 2)
    #expect(run.cases.first { $0.failure != nil }?.labels["engine"] == "broken")
    #expect(run.cases.first { $0.failure == nil }?.metrics["recall@10"]?.value == 1)
    #expect(answer.errors.contains("1 of 2 cases failed:"))
  }

  @Test func mistakesOfAnExperimentAreAllNamed() throws {
    let place = try Workplace()
    try place.write(
      """
      nmae: wrong
      experiments:
        - workload: search
          datasets: [sift-5k]
          indexes: [flatt, flat]
          k: ten
        - workload: serach
      """, "wrong.yml")
    let answer = try place.run(["run", "wrong.yml"])
    #expect(answer.status == 64)
    try expectSnapshot(answer.errors, "wrong-experiment.txt")
  }

  @Test func whatCannotBeStoredIsNotMeasured() throws {
    let place = try Workplace()
    try place.write("this is no database, but it is long enough to be taken for one at first sight", "runs.sqlite")
    for store in ["runs.sqlite", "/proc/runs.sqlite"] {
      let answer = try place.run(["index", "--dataset", Self.data, "--index", "flat", "--store", store])
      #expect(answer.status == 1)
      #expect(answer.output.isEmpty)
      #expect(answer.errors.hasPrefix("ragmeter: index: \(store)"))
      #expect(answer.errors.split(separator: "\n").count == 1, "\(answer.errors)")
    }
  }
}
