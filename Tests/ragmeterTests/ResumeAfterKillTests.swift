import Foundation
import Statistics
import Testing

/// A run that SIGKILL ends at any moment goes on with `--resume` to the cases of an undisturbed one.
@Suite struct ResumeAfterKillTests {
  private static let spec = """
    name: killed
    experiments:
      - workload: insert
        datasets: &data ["synthetic:count=1500,dimension=16,queries=50,clusters=8,intrinsic_dimension=4"]
        repetitions: 2
        indexes: [flat, "hnsw:m=8,ef_construction=40"]
      - workload: search
        datasets: *data
        repetitions: 4
        modes: [single, 10]
        indexes: [flat, "ivf:nlist=16,nprobe=1|4", "hnsw:m=8,ef_construction=40,ef=10|40|160"]
    """

  private struct Run: Decodable {
    struct Case: Decodable {
      struct Metric: Decodable { var value: Double? }
      var id: String
      var metrics: [String: Metric]
      var failure: String?
    }
    var cases: [Case]

    /// Every case with the names of what was measured.
    var outline: [String: Set<String>] {
      Dictionary(cases.map { ($0.id, Set($0.metrics.keys)) }) { $0.union($1) }
    }
  }

  private let folder = FileManager.default.temporaryDirectory.appending(path: "ragmeter-kill-\(UUID().uuidString)").path

  private func run(_ store: String, resume: Bool, killAfter seconds: Double? = nil) throws -> Program.Answer {
    // coreutils' timeout does the killing, so that the moment is its clock's and not this test's.
    let wrapper = seconds.map { ["/usr/bin/timeout", "--signal=KILL", String($0)] } ?? []
    return try Program.run(
      ["run", "killed.yml", "--store", store, "--json", "-"] + (resume ? ["--resume"] : []),
      environment: ["RAGMETER_CACHE": "\(folder)/cache"], folder: folder, under: wrapper)
  }

  @Test func twentyKillsLoseNoCase() throws {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try Data(Self.spec.utf8).write(to: URL(fileURLWithPath: "\(folder)/killed.yml"))

    let started = Date()
    let undisturbed = try run("undisturbed.sqlite", resume: false)
    let duration = Date().timeIntervalSince(started)
    #expect(undisturbed.status == 0, "\(undisturbed.errors)")
    let expected = try JSONDecoder().decode(Run.self, from: Data(undisturbed.output.utf8))
    #expect(expected.cases.count == 14)

    let seed: UInt64 = 9
    var random = SplitMix64(seed: seed)
    var killed = 0
    for round in 0..<20 {
      let store = "round-\(round).sqlite"
      for attempt in 0..<Int.random(in: 1...2, using: &random) {
        let moment = Double.random(in: 0.001...duration, using: &random)
        let answer = try run(store, resume: attempt > 0, killAfter: moment)
        if answer.status != 0 { killed += 1 }
      }
      let resumed = try run(store, resume: true)
      #expect(resumed.status == 0, "seed \(seed), round \(round): \(resumed.errors)")
      let run = try JSONDecoder().decode(Run.self, from: Data(resumed.output.utf8))
      #expect(run.cases.count == expected.cases.count, "seed \(seed), round \(round)")
      #expect(run.outline == expected.outline, "seed \(seed), round \(round)")
      #expect(run.cases.allSatisfy { $0.failure == nil })
    }
    #expect(killed >= 10, "only \(killed) runs were killed before their end")
  }
}
