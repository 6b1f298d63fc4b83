import Foundation
import Testing

/// `dataset` as a user asks it, without network, mirror or package.
@Suite struct DatasetVerbTests {
  private final class Workplace {
    let path = FileManager.default.temporaryDirectory.appending(path: "ragmeter-tests-\(UUID().uuidString)").path

    init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func run(_ words: [String]) throws -> Program.Answer {
      let environment = ["RAGMETER_CACHE": "\(path)/cache", "RAGMETER_MIRROR": "", "NO_COLOR": "1", "COLUMNS": "120"]
      return try Program.run(["dataset"] + words, environment: environment, folder: path)
    }
  }

  private static let data = "synthetic:count=400,dimension=8,queries=20,clusters=4,intrinsic_dimension=4,seed=1"

  @Test func outputsAreAsRecorded() throws {
    let place = try Workplace()
    try expectSnapshot(Program.run(["help", "dataset"]).output, "help-dataset.txt")
    try expectSnapshot(place.run(["info", Self.data]).output, "dataset-info.txt")
    try expectSnapshot(place.run(["info", Self.data, "--json", "-"]).output, "dataset-info.json")
    try expectSnapshot(place.run(["info", "glove-25-angular"]).output, "dataset-info-absent.txt")
    try expectSnapshot(place.run(["info", "scifact"]).output, "dataset-info-corpus-absent.txt")
    let handbook = try place.run(["info", "handbook"])
    let passages = "documents      72\n"
    #expect(handbook.output.contains(passages) && handbook.output.contains("judged documents each"), "\(handbook)")
    let list = try place.run(["list"])
    #expect(list.output.contains("\nhandbook  "))
    #expect(list.status == 0 && list.output.contains("\nglove-25-angular "))
    #expect(list.output.contains("\nazure-llm-conv ") && list.output.contains("lengths"), "\(list.output)")
    let prompts = try place.run(["info", "mt-bench"])
    #expect(
      prompts.status == 0 && prompts.output.contains("requests") && prompts.output.contains(" 80\n"), "\(prompts)")
    #expect(list.output.split(separator: "\n").allSatisfy { $0.count <= 120 })
  }

  @Test func convertedFilesHoldTheSameVectors() throws {
    let place = try Workplace()
    let to = try place.run(["convert", Self.data, "a.fvecs", "--rows", "50"])
    #expect(to.output == "a.fvecs: 50 × 8\n", "\(to.errors)")
    for (from, next) in [("a.fvecs", "b.npy"), ("b.npy", "c.tsv"), ("c.tsv", "d.fbin"), ("d.fbin", "e.fvecs")] {
      #expect(try place.run(["convert", from, next]).status == 0)
    }
    let first = try Data(contentsOf: URL(fileURLWithPath: "\(place.path)/a.fvecs"))
    #expect(try Data(contentsOf: URL(fileURLWithPath: "\(place.path)/e.fvecs")) == first)
    #expect(try place.run(["convert", Self.data, "q.npy", "--part", "queries"]).output == "q.npy: 20 × 8\n")
    #expect(try place.run(["info", "a.fvecs", "--queries", "q.npy"]).status == 0)
  }

  @Test(
    arguments: [
      (64, [], "dataset: list, fetch, info or convert is missing"),
      (64, ["lst"], "dataset: it knows list, fetch, info and convert, not 'lst'"),
      (64, ["list", "all"], "dataset: list takes no operand, not 'all'"),
      (64, ["fetch"], "dataset: fetch needs a name"),
      (64, ["fetch", "sift-6k"], "no dataset is called 'sift-6k'; did you mean 'sift-5k'?"),
      (64, ["info"], "dataset: info needs one name or path"),
      (64, ["info", "synthetic", "--metric", "l3"], "--metric is l2, ip or cosine, not 'l3'"),
      (64, ["convert", "a.npy"], "dataset: convert needs an input and an output"),
      (64, ["convert", "a.npy", "b.npy", "--part", "base"], "--part is for named sets"),
      (64, ["convert", "synthetic", "b.npy", "--table", "test"], "--table is for HDF5 files"),
      (64, ["convert", "synthetic", "b.npy", "--rows", "0"], "--rows needs an integer from 1"),
      (1, ["info", "none.npy"], "none.npy: cannot be opened: No such file or directory"),
      (1, ["info", "none"], "no dataset is called 'none'; 'ragmeter dataset list' shows those there are"),
      (1, ["info", "synthetic:count=0"], "synthetic dataset: count must be from 1"),
      (1, ["convert", "synthetic:count=10,clusters=1", "b.hdf5"], "hdf5 is only read here"),
      (
        1, ["convert", "synthetic:count=10,clusters=1", "nowhere/b.npy"], "cannot be written: No such file or directory"
      ),
    ] as [(Int32, [String], String)])
  func mistakesAreOneSentence(status: Int32, words: [String], sentence: String) throws {
    let answer = try Workplace().run(words)
    #expect(answer.status == status && answer.output.isEmpty)
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
    #expect(answer.errors.split(separator: "\n").count == 1, "\(answer.errors)")
  }
}
