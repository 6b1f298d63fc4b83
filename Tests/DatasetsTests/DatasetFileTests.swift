import Datasets
import Foundation
import TestFixtures
import Testing

@Suite struct DatasetFileTests {
  private let folder = TemporaryFolder()
  private let loader: DatasetLoader

  init() throws { loader = DatasetLoader(catalog: try .standard(), library: DatasetLibrary(cache: "/nonexistent")) }

  private func write(_ name: String, rows: Int, dimension: Int = 2, first: Float = 1) throws -> String {
    let path = "\(folder.path)/\(name)"
    let values = (0..<rows * dimension).map { first + Float($0) }
    try VectorFile.write(VectorSet(dimension: dimension, values: values), to: path)
    return path
  }

  @Test func queriesAreHeldOutOfAFileThatHasNone() throws {
    let path = try write("own.fbin", rows: 100)
    let set = try loader.load(DatasetRequest(name: path))
    #expect(set.name == "own.fbin" && set.metric == .l2)
    #expect(set.base.count == 90 && set.queries.count == 10)
    let rows = (0..<90).map { set.base.row($0)[$0 * 2] } + (0..<10).map { set.queries.row($0)[$0 * 2] }
    #expect(rows.sorted() == (0..<100).map { 1 + 2 * Float($0) })
    let few = try loader.load(DatasetRequest(name: path, maxBase: 5, maxQueries: 2))
    #expect(few.base.values[...] == set.base.values[..<10] && few.queries.values[...] == set.queries.values[..<4])
  }

  @Test(arguments: [
    ("own_base.fvecs", "own_query.fvecs"), ("base.npy", "queries.npy"), ("train.npy", "test.npy"),
    ("own.csv", "own.queries.csv"),
  ])
  func siblingsAreQueries(base: String, queries: String) throws {
    _ = try write(queries, rows: 3, first: 1000)
    let set = try loader.load(DatasetRequest(name: try write(base, rows: 20)))
    #expect(set.base.count == 20 && set.queries.count == 3 && set.queries.values[0] == 1000)
  }

  @Test func namedQueriesAreTaken() throws {
    let request = DatasetRequest(
      name: try write("a.fbin", rows: 4), queriesPath: try write("b.npy", rows: 2), metric: .cosine)
    let set = try loader.load(request)
    #expect(set.base.count == 4 && set.queries.count == 2 && set.metric == .cosine)
  }

  @Test func annBenchmarksFilesSayTheirMetric() throws {
    let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Goldens").path
    let tiny = try loader.load(DatasetRequest(name: "\(goldens)/tiny-3-angular.hdf5"))
    #expect(tiny.metric == .cosine)
    #expect(tiny.base.count == 5)
    #expect(tiny.queries.count == 2)
    let bare = try loader.load(DatasetRequest(name: "\(goldens)/bare-3-euclidean.hdf5"))
    #expect(bare.metric == .l2 && bare.base.count == 4 && bare.queries.count == 1)
    let odd = failure { _ = try loader.load(DatasetRequest(name: "\(goldens)/odd.hdf5")) }
    #expect(odd?.contains("is compared by 'jaccard'; l2, ip and cosine are measured here") == true)
    #expect(try loader.load(DatasetRequest(name: "\(goldens)/odd.hdf5", metric: .ip)).metric == .ip)
  }

  @Test func setsThatCannotBeMeasuredSayWhy() throws {
    let one = try write("one.fbin", rows: 1)
    #expect(failure { _ = try loader.load(DatasetRequest(name: one)) }?.contains("holds one vector") == true)
    let zeros = "\(folder.path)/zeros.fbin"
    try VectorFile.write(VectorSet(dimension: 2, values: [1, 1, 0, 0, 2, 2]), to: zeros)
    let queries = try write("q.fbin", rows: 1)
    let refused = failure { _ = try loader.load(DatasetRequest(name: zeros, queriesPath: queries, metric: .cosine)) }
    #expect(refused?.contains("'zeros.fbin': base row 1 is all zeros") == true)
    #expect(try loader.load(DatasetRequest(name: zeros, queriesPath: queries, metric: .ip)).base.count == 3)
    let wide = try write("wide.fbin", rows: 1, dimension: 3)
    let mixed = failure { _ = try loader.load(DatasetRequest(name: zeros, queriesPath: wide)) }
    #expect(mixed?.contains("base vectors have dimension 2, queries 3") == true)
    #expect(
      failure { _ = try loader.load(DatasetRequest(name: zeros, maxBase: 0)) }?.contains("ask for at least one") == true
    )
  }
}
