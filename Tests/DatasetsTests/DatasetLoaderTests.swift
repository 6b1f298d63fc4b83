import Datasets
import Foundation
import TestFixtures
import Testing

@Suite struct DatasetLoaderTests {
  private let folder = TemporaryFolder()

  private func loader() throws -> DatasetLoader {
    DatasetLoader(catalog: try .standard(), library: DatasetLibrary(cache: folder.path, mirror: Environment.mirror))
  }

  @Test(.enabled(if: Environment.hasFashionMNIST, "needs the Debian package dataset-fashion-mnist"))
  func fashionMNISTComesFromItsPackage() throws {
    let whole = try loader().load(DatasetRequest(name: "fashion-mnist"))
    #expect(whole.base.count == 60_000 && whole.base.dimension == 784 && whole.queries.count == 10_000)
    #expect(whole.metric == .l2)
    // Sum of all pixels, by numpy over the same file: gzip.open(...).read()[16:] summed as uint64.
    #expect(whole.base.values.reduce(0) { $0 + Double($1) } == 3_431_114_169)
    let part = try loader().load(DatasetRequest(name: "fashion-mnist", maxBase: 500, maxQueries: 10))
    #expect(part.base.count == 500 && part.queries.count == 10)
    #expect(part.base.values[...] == whole.base.values[..<(500 * 784)])
    #expect(part.contentHash != whole.contentHash)
  }

  @Test(.enabled(if: Environment.mirror != nil, "RAGMETER_MIRROR names no folder"))
  func siftHoldsQueriesOutBySeed() throws {
    let sift = try loader().load(DatasetRequest(name: "sift-5k"))
    #expect(sift.base.count == 4000 && sift.queries.count == 1000 && sift.base.dimension == 128)
    let same = try loader().load(DatasetRequest(name: "sift-5k", maxQueries: 7))
    #expect(same.base == sift.base)
    #expect(same.queries.values[...] == sift.queries.values[..<(7 * 128)])
    #expect(try loader().load(DatasetRequest(name: "sift-5k", seed: 43)).contentHash != sift.contentHash)
    #expect(try loader().load(DatasetRequest(name: "sift-5k")).contentHash == sift.contentHash)
  }

  @Test func unknownNamesSayWhatToDo() throws {
    #expect(
      failure { _ = try loader().load(DatasetRequest(name: "sift-6k")) }?.contains("'ragmeter dataset list'") == true)
    #expect(failure { _ = try loader().load(DatasetRequest(name: "./none.fbin")) }?.contains("No such file") == true)
    #expect(failure { _ = try loader().load(DatasetRequest(name: "./none.bmp")) }?.contains("known are .fvecs") == true)
  }
}
