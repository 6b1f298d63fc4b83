import Foundation
import Instrumentation
import RunStore

/// A folder of one test's own, removed with it.
final class TemporaryFolder {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "ragmeter-runstore-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }
}

let machine = MachineFingerprint(
  cpu: "Example CPU", cores: 2, physicalCores: 2, caches: ["L1d 48 KiB"], memory: 24 << 30, simd: "avx512",
  build: "release")

func header(
  _ name: String = "index-peers", id: String = "", workload: String = "w1", started: String = "2026-01-31T12:34:56.789Z"
) -> RunHeader {
  RunHeader(
    id: id, name: name, started: started, seed: .max, workloadHash: workload,
    git: GitState(commit: "0123abc", dirty: true), machine: machine, warnings: ["a core was busy"])
}

func sampleCase(_ id: String = "search/sift-5k/hnsw/m=16/ef=40", recall: Double = 0.99) -> CaseRecord {
  CaseRecord(
    id: id, workload: "search", labels: ["index": "hnsw", "ef": "40", "note": "tie \"quoted\" ü"],
    metrics: [
      "recall@10": MetricValue(
        recall, unit: "ratio", better: .higher, kind: .quality, ci95: [0.98, 0.995], n: 1_000),
      "index_bytes": MetricValue(nil, unit: "B", better: .lower, kind: .size, n: 0, reason: "the engine cannot tell"),
    ])
}
