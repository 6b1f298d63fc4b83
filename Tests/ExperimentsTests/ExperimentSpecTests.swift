import Experiments
import Testing
import YAML

@Suite struct ExperimentSpecTests {
  private func spec(_ yaml: String, set: [String] = [], quick: Bool = false) throws -> ExperimentSpec {
    let spec = try ExperimentSpec(
      YAMLNode.parse(yaml, file: "test.yml"), overrides: set.map { try SpecOverride($0) }, quick: quick)
    try spec.problems.check()
    return spec
  }

  private static let two = """
    name: peers
    description: two sections
    seed: 7
    x-common: &common {repetitions: 5, datasets: [sift-5k]}
    quick: {repetitions: 1}
    experiments:
      - workload: insert
        <<: *common
        indexes: [flat]
      - workload: search
        name: sweep
        <<: *common
        k: [10, 100]
        build: {batch: 100, threads: 1}
        indexes:
          - index: hnsw
            search: {ef: [10, 20]}
          - flat
        quick: {k: 10, build: {batch: 50}}
    """

  @Test func sectionsKeepNameWorkloadAndKeys() throws {
    let spec = try spec(Self.two)
    #expect(spec.name == "peers")
    #expect(spec.seed == 7)
    #expect(spec.sections.map(\.name) == ["insert", "sweep"])
    #expect(spec.sections.map(\.workload) == ["insert", "search"])
    #expect(spec.sections[1].node["k"]?.canonicalText == #"["10","100"]"#)
    #expect(spec.sections[1].node["repetitions"]?.int == 5)
    #expect(spec.sections[1].node["quick"] == nil)
  }

  private static let targeted = """
    target: in-tree
    targets:
      in-tree: {}
      milvus: {stores: [milvus], k: 7}
    quick: {k: 2}
    experiments:
      - {workload: store, stores: [embedded], k: 10}
      - workload: rag
        stores: [embedded]
        generators: [{model: small}]
        targets:
          milvus: {k: 5}
          vllm: {generators: [{url: "http://127.0.0.1:8000"}]}
    """

  @Test func aTargetIsLaidOverEverySectionAndQuickOverThat() throws {
    let plain = try spec(Self.targeted)
    #expect(plain.sections.map { $0.node["stores"]?.sequence?.first?.string } == ["embedded", "embedded"])
    #expect(plain.sections.allSatisfy { $0.node["targets"] == nil })
    let milvus = try spec(Self.targeted, set: ["target=milvus"])
    #expect(milvus.sections.map { $0.node["stores"]?.sequence?.first?.string } == ["milvus", "milvus"])
    #expect(milvus.sections.map { $0.node["k"]?.string } == ["7", "5"])
    #expect(
      try spec(Self.targeted, set: ["target=milvus"], quick: true).sections.map { $0.node["k"]?.string } == ["2", "2"])
    let vllm = try spec(Self.targeted, set: ["stores=[pgvector]", "target=vllm"])
    #expect(vllm.sections.map { $0.node["stores"]?.sequence?.first?.string } == ["pgvector", "pgvector"])
    #expect(vllm.sections[1].node["generators"]?.sequence?.first?["url"]?.string == "http://127.0.0.1:8000")
    #expect(plain.canonicalText != milvus.canonicalText)
  }

  @Test(arguments: [
    (targeted, ["target=milvsu"], "target: no target is called 'milvsu'; did you mean 'milvus'?"),
    ("experiments: [{workload: rag}]", ["target=milvus"], "target: the experiment has no 'targets' to choose from"),
    (
      "target: a\ntargets: {a: 3}\nexperiments: [{workload: rag}]", [],
      "test.yml:2:14: targets: must be a mapping of keys, not '3'"
    ),
  ])
  func aTargetThatIsNoneIsReported(yaml: String, set: [String], sentence: String) {
    let error = #expect(throws: SpecError.self) { try spec(yaml, set: set) }
    #expect(error?.problems.map(\.description).contains { $0.hasSuffix(sentence) } ?? false, "\(error?.problems ?? [])")
  }

  @Test func quickLaysTheTopOverEverySectionAndEachOwnOverThat() throws {
    let spec = try spec(Self.two, quick: true)
    #expect(spec.sections.map { $0.node["repetitions"]?.int } == [1, 1])
    #expect(spec.sections[1].node["k"]?.int == 10)
    #expect(spec.sections[1].node["build"]?.canonicalText == #"{"batch":"50","threads":"1"}"#)
  }

  @Test(arguments: [
    ("seed=9", "top", "9"),
    ("experiments.1.k=[1,2]", "k", #"["1","2"]"#),
    ("experiments.sweep.k=3", "k", "\"3\""),
    ("k=4", "k", "\"4\""),
    ("experiments.search.build.threads=2", "build", #"{"batch":"100","threads":"2"}"#),
    (
      "experiments.1.indexes.hnsw.search.ef=10..40*2", "indexes",
      #"[{"index":"hnsw","search":{"ef":"10..40*2"}},"flat"]"#
    ),
    (
      "experiments.1.indexes.0.search.rerank=5", "indexes",
      #"[{"index":"hnsw","search":{"ef":["10","20"],"rerank":"5"}},"flat"]"#
    ),
    ("warmup=0", "warmup", "\"0\""),
  ])
  func setReachesOneKey(word: String, key: String, text: String) throws {
    let spec = try spec(Self.two, set: [word])
    #expect(key == "top" ? "\(spec.seed)" == text : spec.sections[1].node[key]?.canonicalText == text)
  }

  @Test(arguments: [
    ("k", "needs a key and a value"), ("a..b=1", "empty part"), ("k=[1", "not YAML"),
    ("experiments.5.k=1", "no element '5' in this list of 2"), ("experiments.sweep.k.x.y=1", "no element 'x'"),
    ("name.first=1", "has no part named 'first'"),
  ])
  func mistakesOfSetAreNamed(word: String, reason: String) {
    #expect {
      try spec(Self.two, set: [word])
    } throws: { error in
      "\(error)".contains(reason) && "\(error)".contains("--set \(word)")
    }
  }

  @Test func theCanonicalTextIgnoresOrderCommentsAndStyle() throws {
    let one = try spec("experiments: [{workload: search, k: 10, datasets: [a]}]")
    let other = try spec(
      "# a comment\nexperiments:\n- datasets:\n  - 'a'\n  workload: search\n  k: 10\ndescription: other\n")
    let changed = try spec("experiments: [{workload: search, k: 11, datasets: [a]}]")
    #expect(one.canonicalText == other.canonicalText)
    #expect(one.canonicalText != changed.canonicalText)
  }

  @Test func theFrameReportsEveryMistake() {
    #expect {
      try spec("nmae: x\nseed: -1\nexperiments:\n  - k: 10\n  - workload: [a]\n")
    } throws: { error in
      "\(error)" == """
        4 mistakes:
          test.yml:1:1: nmae: unknown key 'nmae'; did you mean 'name'?
          test.yml:2:7: seed: must be an integer of at least 0, not '-1'
          test.yml:4:5: experiments[0]: says no 'workload', such as insert or search
          test.yml:5:15: experiments[1].workload: must be a word, not a list
        """
    }
  }

  @Test(arguments: ["", "experiments: []", "name: x", "experiments: 5", "[1, 2]", "experiments: {}"])
  func anExperimentNeedsSections(yaml: String) {
    #expect(throws: SpecError.self) { try spec(yaml) }
  }
}
