import Datasets
import Documents
import RunStore
import Testing
import Workloads

@Suite struct ChunkWorkloadTests {
  private func bench() throws -> Bench {
    var bench = try Bench()
    bench.corpora["tiny"] = Corpus(
      name: "tiny",
      documents: [
        Document(id: "a", text: "aaaa bbbb cccc", source: "a"), Document(id: "b", text: " é ", source: "b"),
        Document(id: "c", text: "", source: "c"),
      ], warnings: ["left out 1 binary file: x.png"])
    bench.corpora["blank"] = Corpus(name: "blank", documents: [Document(id: "a", text: "", source: "a")])
    return bench
  }

  @Test func everyChunkerIsARowOfEveryCorpus() throws {
    let record = try bench().run(
      "- {workload: chunk, corpora: [tiny, blank], repetitions: 6, chunkers: [whole, 'recursive:size=5|10,overlap=0|4']}"
    )
    #expect(record.cases.count == 10)
    #expect(Set(record.cases.map(\.id)).isSuperset(of: ["chunk/tiny/whole", "chunk/tiny/recursive/size=10,overlap=4"]))
    for one in record.cases where one.labels["dataset"] == "tiny" {
      #expect(one.failure == nil)
      let rate = try #require(one.metrics["chunk_rate"])
      #expect(rate.unit == "B/s" && rate.n == 6 && rate.ci95?.count == 2)
      #expect(try #require(rate.value) > 0)
      #expect(one.labels["documents"] == "3" && one.labels["bytes"] == "18")
    }
    #expect(record.run.warnings.contains("tiny: left out 1 binary file: x.png"))
  }

  @Test func lengthsAndOverlapAreThoseOfTheChunks() throws {
    let record = try bench().run(
      """
      - workload: chunk
        corpora: [tiny, blank]
        repetitions: 1
        chunkers: ["recursive:size=10,overlap=5", whole]
      """)
    func value(_ id: String, _ name: String) throws -> Double? {
      try #require(record.cases.first { $0.id == id }).metrics[name]?.value
    }
    // "aaaa bbbb", "bbbb cccc" and "é" out of 18 bytes: five are shared or left at the borders.
    let id = "chunk/tiny/recursive/size=10,overlap=5"
    #expect(try value(id, "chunks") == 3)
    #expect(try value(id, "chunk_length_p50") == 9)
    #expect(try value(id, "chunk_length_max") == 9)
    #expect(try value(id, "overlap_share") == 4.0 / 18)
    #expect(try value(id, "left_out_bytes") == 2)
    #expect(try value("chunk/tiny/whole", "left_out_bytes") == 0)
    #expect(try value("chunk/tiny/whole", "chunk_length_max") == 14)
    let blank = try #require(record.cases.first { $0.id == "chunk/blank/whole" })
    #expect(blank.metrics["chunks"]?.value == 0)
    #expect(blank.metrics["chunk_length_p50"]?.reason == "there is no chunk")
  }

  @Test func aTokenizerThatIsNotThereFailsItsCaseAlone() throws {
    let record = try bench().run(
      "- {workload: chunk, corpora: [tiny], repetitions: 2, chunkers: ['tokens:size=8,tokenizer=none', whole]}")
    let failed = record.cases.filter { $0.failure != nil }
    #expect(failed.map(\.failure) == ["no tokenizer none here"])
    #expect(record.cases.count == 2)
  }

  @Test(arguments: [
    ("chunkers: [recursiv]", "no chunker is called 'recursiv'; did you mean 'recursive'?"),
    ("chunkers: ['recursive:size=10,overlap=10']", "overlap is 10 with size 10"),
    ("chunkers: ['recursive:sizes=10']", "chunker recursive has no parameter 'sizes'; did you mean 'size'?"),
    ("chunkers: [whole], repeats: 3", "unknown key 'repeats'"),
  ])
  func mistakesAreFoundBeforeAnythingIsMeasured(keys: String, complaint: String) throws {
    let bench = try bench()
    #expect {
      try bench.plan("- {workload: chunk, corpora: [tiny], \(keys)}")
    } throws: {
      "\($0)".contains(complaint)
    }
  }

  @Test func syntheticTextHasItsSizeAndItsSeed() throws {
    let folder = try TemporaryFolder()
    let environment = ["RAGMETER_CACHE": folder.path, "RAGMETER_MODELS": folder.path]
    let stages = TextStages(
      loader: try DatasetLoader.standard(environment: environment), environment: environment, progress: { _ in })
    func corpus(_ source: String) throws -> Corpus { try stages.corpus(CorpusChoice(source: source)) }
    let one = try corpus("synthetic-text:bytes=100000,documents=3")
    #expect(one.documents.map(\.text.utf8.count) == [33_334, 33_333, 33_333])
    #expect(one == (try corpus("synthetic-text:bytes=100000,documents=3,seed=42")))
    #expect(one != (try corpus("synthetic-text:bytes=100000,documents=3,seed=43")))
    #expect(one.documents[0].text.contains("\n\n") && one.documents[0].text.contains("é"))
    #expect {
      try corpus("synthetic-text:byte=5")
    } throws: {
      "\($0)".contains("did you mean 'bytes'?")
    }
  }
}
