import Experiments
import Testing
import Workloads

@Suite struct IndexArgumentTests {
  @Test(arguments: [
    ("flat", "flat", []),
    ("ivf:nlist=64,nprobe=1|4|16", "ivf", ["nlist=64", "nprobe=1|4|16"]),
    ("hnsw:m=16,ef=10..40*2", "hnsw", ["m=16", "ef=10|20|40"]),
    ("adapter:faiss,factory=\"HNSW16,Flat\",efSearch=16|64", "faiss", ["factory=HNSW16,Flat", "efSearch=16|64"]),
    ("adapter:faiss,factory=\"A|B\"|\"C,D\"", "faiss", ["factory=A|B|C,D"]),
  ])
  func wordsAreRead(word: String, kind: String, parameters: [String]) throws {
    let argument = try IndexArgument(word)
    #expect(argument.kind == kind)
    #expect(argument.isAdapter == word.hasPrefix("adapter:"))
    #expect(argument.parameters.map { "\($0.name)=\($0.values.joined(separator: "|"))" } == parameters)
  }

  @Test(arguments: [
    ("", "names no index"), (":m=1", "names no index"), ("adapter:", "names no adapter"),
    ("adapter:m=1", "names no adapter"), ("hnsw:m", "'m' in 'hnsw:m' is no parameter"),
    ("hnsw:m=1,m=2", "gives m twice"), ("hnsw:m=", "empty value"), ("hnsw:ef=10|", "empty value"),
    ("hnsw:ef=40..10", "runs upwards"), ("hnsw:=3", "is no parameter"),
  ])
  func mistakesAreNamed(word: String, reason: String) {
    #expect {
      try IndexArgument(word)
    } throws: { error in
      (error as? IndexArgument.Mistake)?.reason.contains(reason) ?? false
    }
  }

  @Test func searchParametersAreToldFromBuildParameters() throws {
    let choice = IndexChoice(argument: try IndexArgument("hnsw:m=8|16,ef_construction=200,ef=10|40"))
    #expect(
      choice.engines.map(\.idParts) == [["hnsw", "m=8,ef_construction=200"], ["hnsw", "m=16,ef_construction=200"]])
    #expect(choice.engines[0].searches.map(\.label) == ["ef=10", "ef=40"])
    let adapter = IndexChoice(argument: try IndexArgument("adapter:faiss,factory=\"IVF64,Flat\",nprobe=1"))
    #expect(adapter.engines[0].labels == ["engine": "faiss", "index": "IVF64,Flat"])
  }
}
