import Datasets
import TestFixtures
import Testing

@Suite struct DescriptionTests {
  private func dataset(_ values: [Float], metric: DatasetMetric = .l2) throws -> VectorDataset {
    try VectorDataset(
      name: "hand", metric: metric, base: VectorSet(dimension: 2, values: values),
      queries: VectorSet(dimension: 2, values: [1, 1]))
  }

  @Test func summaryTellsWhatTheVectorsAreLike() throws {
    let summary = DatasetSummary(of: try dataset([3, 4, 0, 0, 3, 4, 6, 8, 3, 4]))
    #expect(summary.base == 5 && summary.queries == 1 && summary.dimension == 2)
    #expect(summary.norms == .init(min: 0, mean: 5, max: 10))
    #expect(summary.values == .init(min: 0, mean: 3.5, max: 8))
    #expect(summary.holdsBytes && summary.duplicates == 2)
    #expect(summary.intrinsicDimension == nil)
    #expect(!DatasetSummary(of: try dataset([0.5, 1])).holdsBytes)
    #expect(!DatasetSummary(of: try dataset([-1, 1])).holdsBytes)
    #expect(!DatasetSummary(of: try dataset([256, 1])).holdsBytes)
  }

  @Test func catalogueListsWhatEachEntryNeeds() throws {
    let loader = DatasetLoader(catalog: try .standard(), library: DatasetLibrary(cache: "/nonexistent"))
    let listing = loader.listing()
    let names = [
      "fashion-mnist", "sift-5k", "synthetic", "glove-25-angular", "glove-50-angular", "glove-100-angular",
      "glove-200-angular", "sift-128-euclidean", "gist-960-euclidean", "fashion-mnist-784-euclidean",
      "mnist-784-euclidean", "nytimes-256-angular", "sift1m", "bigann-10M", "deep-10M", "text2image-10M",
    ]
    #expect(Set(names).isSubset(of: listing.map(\.name)))
    let sift = try #require(listing.first { $0.name == "sift-5k" })
    #expect(sift.base == 4000 && sift.queries == 1000 && sift.availability == .network && sift.from.count == 1)
    #expect(listing.first { $0.name == "synthetic" }?.availability == .generated)
    for entry in loader.catalog.entries where !entry.isSynthetic {
      let isMade = entry.derived != nil
      #expect(
        isMade || entry.files.allSatisfy { !$0.urls.isEmpty || $0.package != nil }, "\(entry.name) can be had nowhere")
    }
  }

  @Test(arguments: [
    ("datasets: []", "line 1, column 1: 'schema' is missing"),
    ("schema: x\ndatasets: []", "schema must be ragmeter.catalog/1"),
    ("schema: ragmeter.catalog/1\ndatasets:\n- {name: a, sha: b}", "line 3, column 13: no key is called 'sha'"),
    (
      "schema: ragmeter.catalog/1\ndatasets:\n- {name: a, about: b, licence: c, source: d, metric: hamming, dimension: 2}",
      "metric must be l2, ip or cosine, not 'hamming'"
    ),
    (
      "schema: ragmeter.catalog/1\ndatasets:\n- {name: a, about: b, licence: c, source: d, metric: l2, dimension: 2,\n"
        + "  base: {file: x.npy, count: 1}}", "'a' has no file called 'x.npy'"
    ),
    (
      "schema: ragmeter.catalog/1\ndatasets:\n- {name: a, about: b, licence: c, source: d, metric: l2, dimension: 2,\n"
        + "  base: {file: x.npy, count: 1}, files: [{name: x.npy, sha256: abc}]}",
      "line 4, column 64: a SHA-256 has 64 hexadecimal digits"
    ),
    (
      "schema: ragmeter.catalog/1\ndatasets:\n- {name: a, about: b, licence: c, source: d, metric: l2, dimension: 2,\n"
        + "  base: {file: x.npy, count: 1}, files: [{name: x.npy}]}", "'a' needs either queries or held_out"
    ),
    (
      "schema: ragmeter.catalog/1\ndatasets:\n- {name: a, about: b, licence: c, source: d, metric: l2, dimension: 2,\n"
        + "  files: [{name: ../x.npy}]}", "a file's name in the cache holds no folder, as '../x.npy' does"
    ),
  ])
  func mistakesInACatalogueHaveAPlace(text: String, reason: String) throws {
    let folder = TemporaryFolder()
    let path = try folder.file("catalog.yml", text)
    let sentence = failure { _ = try Catalog(path: path) } ?? "read without complaint"
    #expect(sentence.hasPrefix(path) && sentence.contains(reason), "\(sentence)")
  }
}
