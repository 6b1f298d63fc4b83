import Datasets
import Files
import Foundation
import TestFixtures
import Testing

@Suite struct GroundTruthTests {
  private let folder = TemporaryFolder()

  private func dataset(_ metric: DatasetMetric) throws -> VectorDataset {
    try VectorDataset(
      name: "hand", metric: metric, base: VectorSet(dimension: 2, values: [3, 0, 1, 1, 0, 2, 3, 0]),
      queries: VectorSet(dimension: 2, values: [2, 0]))
  }

  // Worked out by hand.
  @Test(
    arguments: [
      (DatasetMetric.l2, [0, 3, 1, 2], [1, 1, 2, 8]), (.ip, [0, 3, 1, 2], [-6, -6, -2, 0]),
      (.cosine, [0, 3, 1, 2], [0, 0, 1 - 0.5.squareRoot(), 1]),
    ] as [(DatasetMetric, [Int32], [Double])])
  func referenceKeepsTiesByRow(metric: DatasetMetric, neighbors: [Int32], distances: [Double]) throws {
    let truth = try GroundTruth.reference(of: dataset(metric), k: 4)
    #expect(truth.neighbors == neighbors)
    #expect(truth.distances == distances.map { Float($0) })
    #expect(failure { _ = try GroundTruth.reference(of: dataset(metric), k: 5) }?.contains("k is 5") == true)
    #expect(failure { _ = try GroundTruth.reference(of: dataset(metric), k: 0) }?.contains("k is 0") == true)
  }

  @Test func cacheGivesBackWhatWasStored() throws {
    let cache = GroundTruthCache(folder: "\(folder.path)/deep/truth")
    let set = try dataset(.l2)
    #expect(cache.load(of: set, k: 3) == nil)
    let truth = try GroundTruth.reference(of: set, k: 3)
    try cache.store(truth, of: set)
    #expect(cache.load(of: set, k: 3) == truth)
    #expect(cache.load(of: set, k: 2) == nil)
    #expect(cache.load(of: try dataset(.ip), k: 3) == nil)
    #expect(throws: DataError.self) {
      try cache.store(GroundTruth(k: 3, neighbors: [1], distances: [1]), of: set)
    }
  }

  @Test func damagedEntriesAreComputedAnew() throws {
    let cache = GroundTruthCache(folder: folder.path)
    let set = try dataset(.l2)
    let truth = try GroundTruth.reference(of: set, k: 2)
    try cache.store(truth, of: set)
    let path = URL(fileURLWithPath: cache.path(of: set, k: 2))
    let whole = try Data(contentsOf: path)
    for index in whole.indices {
      var bytes = whole
      bytes[index] ^= 0x10
      try bytes.write(to: path)
      #expect(cache.load(of: set, k: 2) == nil, "byte \(index)")
      try whole.prefix(index).write(to: path)
      #expect(cache.load(of: set, k: 2) == nil, "first \(index) bytes")
    }
    try cache.store(truth, of: set)
    #expect(cache.load(of: set, k: 2) == truth)
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count == 1)
  }

  @Test func unwritableFoldersAreNamed() throws {
    let set = try dataset(.l2)
    let blocked = try folder.file("file", "")
    let cache = GroundTruthCache(folder: "\(blocked)/truth")
    let sentence = failure { try cache.store(GroundTruth.reference(of: set, k: 1), of: set) }
    #expect(sentence?.contains("the folder cannot be made: Not a directory") == true)
  }
}
