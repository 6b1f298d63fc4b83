import Documents
import Embedders
import Experiments
import Testing
import Workloads
import YAML

/// Corpora, chunkers and embedders as sections of an experiment name them.
@Suite struct StageChoiceTests {
  private func reader(_ yaml: String) throws -> SpecReader {
    SpecReader(try YAMLNode.parse(yaml, file: "test.yml"), path: "experiments[0]", problems: SpecProblems())
  }

  private func problems(_ reader: SpecReader) -> String {
    do {
      try reader.problems.check()
      return ""
    } catch { return "\(error)" }
  }

  @Test func chunkersSpanGrids() throws {
    let reader = try reader(
      """
      chunkers:
        - whole
        - "recursive:size=256|512,overlap=10%"
        - {chunker: tokens, size: [64, 128], overlap: 16, tokenizer: minilm}
        - 'separator:separator="# "'
      """)
    let chunkers = ChunkerChoice.read(reader)
    #expect(problems(reader) == "")
    #expect(
      chunkers.map { $0.idParts.joined(separator: "/") } == [
        "whole", "recursive/size=256,overlap=25", "recursive/size=512,overlap=51",
        "tokens/size=64,overlap=16,tokenizer=minilm", "tokens/size=128,overlap=16,tokenizer=minilm",
        "separator/separator=# ",
      ])
    #expect(chunkers[2].labels == ["chunker": "recursive", "size": "512", "overlap": "51"])
    #expect(chunkers[2].specification.parameters == ["size": "512", "overlap": "51"])
  }

  @Test func idsStayOnOneLineAndInTheirParts() throws {
    let reader = try reader(#"chunkers: ["separator:separator=\"a/b\n\""]"#)
    let chunker = try #require(ChunkerChoice.read(reader).first)
    #expect(chunker.idParts == ["separator", "separator=a|b\\n"])
    #expect(chunker.specification.parameters["separator"] == "a/b\n")
  }

  @Test func embeddersSpanGridsAndTakeNames() throws {
    let reader = try reader(
      """
      embedders:
        - "minilm:precision=f32|fast"
        - {embedder: /models/bge-small/model, as: bge}
        - /models/bge-small/model
        - openai:url="http://127.0.0.1:1/v1",model=m
      """)
    let embedders = EmbedderChoice.read(reader)
    #expect(problems(reader) == "")
    #expect(
      embedders.map { $0.idParts.joined(separator: "/") } == [
        "minilm/precision=f32", "minilm/precision=fast", "bge", "model", "openai/url=http:||127.0.0.1:1|v1,model=m",
      ])
    #expect(embedders[0].labels == ["embedder": "minilm", "precision": "f32"])
    #expect(embedders[3].specification.kind == "/models/bge-small/model")
    #expect(embedders[4].specification.parameters["url"] == "http://127.0.0.1:1/v1")
  }

  @Test func corporaAreNamedOrPaths() throws {
    let reader = try reader(
      """
      questions: 50
      corpora: [handbook, {name: data/squad.json, as: mine, format: squad, questions: 7}]
      """)
    #expect(
      CorpusChoice.read(reader) == [
        CorpusChoice(source: "handbook", questions: 50),
        CorpusChoice(source: "data/squad.json", format: .squad, questions: 7, alias: "mine"),
      ])
    #expect(problems(reader) == "")
  }

  @Test(arguments: [
    ("chunkers: []", "says no 'chunkers'"), ("chunkers: ['recursive:size']", "is no parameter"),
    ("chunkers: ['recursive:overlap=10%']", "needs a 'size'"),
    ("chunkers: ['recursive:size=9,overlap=100%']", "below 100%"), ("chunkers: [{size: 5}]", "says no 'chunker'"),
    ("chunkers: [[1]]", "must be a chunker, or a mapping"), ("chunkers: [':a=1']", "names no chunker"),
    ("chunkers: [{chunker: whole, as: x}]", "leave 'as' out"),
  ])
  func mistakesInChunkersAreNamed(yaml: String, reason: String) throws {
    let reader = try reader(yaml)
    _ = ChunkerChoice.read(reader)
    #expect(problems(reader).contains(reason))
  }

  @Test(arguments: [
    ("embedders: []", "says no 'embedders'"), ("embedders: [[1]]", "must be an embedder, or a mapping"),
    ("embedders: [{embedder: minilm, as: a/b}]", "has no '/'"), ("corpora: []", "says no 'corpora'"),
    ("corpora: [{name: x, questions: 0}]", "must be an integer from 1"), ("corpora: [{name: x, format: sqad}]", "sqad"),
    ("corpora: [{nam: x}]", "unknown key 'nam'"),
  ])
  func mistakesInEmbeddersAndCorporaAreNamed(yaml: String, reason: String) throws {
    let reader = try reader(yaml)
    if yaml.hasPrefix("corpora") { _ = CorpusChoice.read(reader) } else { _ = EmbedderChoice.read(reader) }
    #expect(problems(reader).contains(reason))
  }
}
