import Datasets
import Foundation
import Testing
import Workloads

/// The environment that scripts/peers makes, and the checkout that this file stands in.
enum PeerEnvironment {
  static let project = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().path

  /// What scripts/peers leaves where the engines of its group `index` are installed.
  private static let stamp: String = {
    let environment = ProcessInfo.processInfo.environment
    let peers = environment["RAGMETER_PEERS"] ?? "\(environment["HOME"] ?? "")/.cache/ragmeter/peers"
    return "\(peers)/installed-requirements.txt"
  }()

  static let exists =
    FileManager.default.fileExists(atPath: stamp)
    && (try? AdapterCatalogue.command(
      for: "faiss", environment: ProcessInfo.processInfo.environment, folders: [project])) != nil
}

/// The engines that scripts/peers installs, each on a small clustered set whose neighbours are computed here.
@Suite(
  .enabled(if: PeerEnvironment.exists, "scripts/peers has made no environment here"),
  .serialized)
struct AdapterPeersTests {
  private static let dataset = ClusteredVectors(base: 2000, queries: 50, dimension: 32, clusters: 20, seed: 7)

  struct Peer: CustomTestStringConvertible, Sendable {
    var name: String
    var build: [String: String]
    var search: [String: String]
    var testDescription: String { "\(name) \(build.values.sorted().joined(separator: " "))" }
  }

  private static let peers = [
    Peer(name: "faiss", build: ["factory": "Flat"], search: [:]),
    Peer(name: "faiss", build: ["factory": "HNSW16,Flat", "efConstruction": "100"], search: ["efSearch": "100"]),
    Peer(
      name: "faiss", build: ["factory": "IVF16,PQ16x4fs,RFlat", "cp.niter": "10"],
      search: ["nprobe": "8", "k_factor_rf": "8"]),
    Peer(name: "hnswlib", build: ["M": "16", "ef_construction": "100"], search: ["ef": "100"]),
    Peer(name: "usearch", build: ["connectivity": "16"], search: ["expansion_search": "100"]),
    Peer(name: "usearch", build: ["dtype": "i8"], search: ["expansion_search": "100"]),
    Peer(name: "svs", build: ["graph_max_degree": "32"], search: ["search_window_size": "100"]),
    Peer(
      name: "vsag", build: ["base_quantization_type": "sq8", "precise_quantization_type": "fp32"],
      search: ["ef_search": "100"]),
  ]

  private func engine(_ name: String, _ parameters: [String: String]) throws -> AdapterEngine {
    AdapterEngine(
      name: name,
      command: try AdapterCatalogue.command(
        for: name, environment: ProcessInfo.processInfo.environment, folders: [PeerEnvironment.project]),
      parameters: parameters, folder: try AdapterFolder(in: NSTemporaryDirectory()))
  }

  @Test(arguments: peers)
  func findsTheNeighbours(peer: Peer) throws {
    let engine = try engine(peer.name, peer.build)
    defer { engine.close() }
    let data = Self.dataset
    let built = try engine.build(data.base, metric: .l2, batch: 500, threads: 1)
    // VSAG alone cannot tell.
    #expect(peer.name == "vsag" ? built.indexBytes == nil : built.indexBytes ?? 0 > 2000 * 16)
    #expect(built.addSeconds > 0)
    let truth = data.nearest(10)
    let expectedCalls: [(SearchPassRequest.Mode, Int, Int)] = [
      (.single, 1, 50), (.single, 2, 50), (.batch(size: 20), 2, 3),
    ]
    for (mode, threads, calls) in expectedCalls {
      let pass = try engine.search(
        data.queries, pass: SearchPassRequest(k: 10, mode: mode, threads: threads, parameters: peer.search))
      #expect(pass.latencies.count == calls)
      let found = (0..<50).reduce(0) { sum, query in
        sum + Set(pass.ids[query * 10..<query * 10 + 10]).intersection(truth[query]).count
      }
      #expect(found >= 450, "\(found) of 500 neighbours with \(mode), seed \(data.seed)")
    }
  }

  @Test(arguments: [DatasetMetric.ip, .cosine])
  func agreeOnTheMetric(metric: DatasetMetric) throws {
    for name in AdapterCatalogue.indexes {
      let peer = try #require(Self.peers.first { $0.name == name })
      let engine = try engine(name, peer.build)
      defer { engine.close() }
      let data = Self.dataset
      _ = try engine.build(data.base, metric: metric, batch: 2000, threads: 2)
      let pass = try engine.search(
        data.queries, pass: SearchPassRequest(k: 1, mode: .batch(size: 50), threads: 1, parameters: peer.search))
      let truth = data.nearest(1, metric: metric)
      let found = (0..<50).count { truth[$0].contains(pass.ids[$0]) }
      #expect(found >= 40, "\(name) found \(found) of 50 under \(metric), seed \(data.seed)")
    }
  }

  @Test(arguments: AdapterCatalogue.indexes)
  func refusesUnknownNames(name: String) throws {
    let peer = try #require(Self.peers.first { $0.name == name })
    let misbuilt = try engine(name, peer.build.merging(["colour": "red"]) { $1 })
    defer { misbuilt.close() }
    let build = #expect(throws: AdapterError.self) {
      try misbuilt.build(Self.dataset.base, metric: .l2, batch: 2000, threads: 1)
    }
    #expect(build?.description.hasPrefix("adapter \(name) refused build: unknown build parameter colour") == true)

    let engine = try engine(name, peer.build)
    defer { engine.close() }
    _ = try engine.build(Self.dataset.base, metric: .l2, batch: 2000, threads: 1)
    let search = #expect(throws: AdapterError.self) {
      try engine.search(
        Self.dataset.queries,
        pass: SearchPassRequest(
          k: 10, mode: .single, threads: 1, parameters: peer.search.merging(["colour": "red"]) { $1 }))
    }
    #expect(search?.description.hasPrefix("adapter \(name) refused search: unknown search parameter colour") == true)
  }

  @Test func faissForgetsWhatAnEarlierPassSet() throws {
    let engine = try engine("faiss", ["factory": "IVF64,Flat"])
    defer { engine.close() }
    _ = try engine.build(Self.dataset.base, metric: .l2, batch: 2000, threads: 1)
    func ids(_ parameters: [String: String]) throws -> [Int64] {
      try engine.search(
        Self.dataset.queries, pass: SearchPassRequest(k: 10, mode: .single, threads: 1, parameters: parameters)
      ).ids
    }
    let byDefault = try ids([:])
    #expect(try ids(["nprobe": "64"]) != byDefault)
    #expect(try ids([:]) == byDefault)
  }
}
