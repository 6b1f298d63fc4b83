import Foundation
import ModelFiles
import TestFixtures
import Testing

@Suite struct ConfigurationTests {
  private let folder = TemporaryFolder()
  private static let usual =
    #""model_type": "bert", "hidden_size": 384, "num_hidden_layers": 6, "num_attention_heads": 12, "intermediate_size": 1536, "vocab_size": 30522, "max_position_embeddings": 512"#

  private func model(_ files: [String: String]) throws -> ModelFolder {
    for (name, text) in files { _ = try folder.file("model/\(name)", text) }
    return try ModelFolder(path: "\(folder.path)/model/")
  }

  @Test func shapeOfAnEncoder() throws {
    let shape = try BERTConfiguration(
      model([
        "config.json": "{\(Self.usual), \"type_vocab_size\": 2, \"layer_norm_eps\": 1e-12, \"hidden_act\": \"gelu\"}"
      ]))
    #expect(shape.hiddenSize == 384 && shape.layers == 6 && shape.heads == 12 && shape.intermediateSize == 1536)
    #expect(shape.vocabularySize == 30522 && shape.maximumPositions == 512 && shape.tokenTypes == 2)
    #expect(shape.layerNormEpsilon == 1e-12 && shape.activation == .gelu)
  }

  @Test(arguments: [
    (
      #""hidden_size": 384"#, #""hidden_size": "384""#,
      "field 'hidden_size': must be an integer from 1 to 65536, not \"384\""
    ),
    (#""hidden_size": 384"#, #""other": 0"#, "field 'hidden_size': is missing"),
    (
      #""num_hidden_layers": 6"#, #""num_hidden_layers": 0"#,
      "field 'num_hidden_layers': must be an integer from 1 to 1024, not 0"
    ),
    (
      #""num_attention_heads": 12"#, #""num_attention_heads": 7"#,
      "field 'num_attention_heads': is 7, which does not divide"
    ),
    (#""model_type": "bert""#, #""model_type": "llama""#, "field 'model_type': is \"llama\", and only BERT-shaped"),
    (#""model_type": "bert""#, #""model_type": "bert", "hidden_act": "swish""#, "field 'hidden_act': is \"swish\""),
    (
      #""model_type": "bert""#, #""model_type": "bert", "position_embedding_type": "relative_key""#, "only \"absolute\""
    ),
    (
      #""model_type": "bert""#, #""model_type": "bert", "layer_norm_eps": 2"#,
      "field 'layer_norm_eps': must lie between"
    ),
    ("{", "[", "byte "),
  ])
  func mistakesNameFileAndField(old: String, new: String, sentence: String) throws {
    let model = try model(["config.json": "{\(Self.usual)}".replacingOccurrences(of: old, with: new)])
    let found = failure { _ = try BERTConfiguration(model) }
    #expect(found?.contains("/model/config.json: ") == true && found?.contains(sentence) == true, "\(found ?? "")")
  }

  private static let modules = """
    [{"path": "", "type": "sentence_transformers.models.Transformer"},
     {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
     {"path": "2_Normalize", "type": "sentence_transformers.models.Normalize"}]
    """

  @Test func sentenceTransformersFolder() throws {
    let transformer = try SentenceTransformer(
      model([
        "modules.json": Self.modules, "1_Pooling/config.json": #"{"pooling_mode_cls_token": true}"#,
        "sentence_bert_config.json": #"{"max_seq_length": 512}"#,
        "config_sentence_transformers.json": #"{"prompts": {"query": "q: ", "passage": "p: "}}"#,
      ]))
    #expect(transformer.pooling == .cls && transformer.normalizes && transformer.maximumTokens == 512)
    #expect(transformer.queryPrompt == "q: " && transformer.documentPrompt == "p: " && !transformer.isAssumed)
  }

  @Test func plainFolderIsAssumedToPoolByMean() throws {
    let transformer = try SentenceTransformer(model(["config.json": "{}"]))
    #expect(transformer.pooling == .mean && transformer.normalizes && transformer.isAssumed)
    #expect(transformer.maximumTokens == nil && transformer.prompts.isEmpty)
  }

  @Test func promptsOfTheCatalogueStandWhereTheFolderHasNone() throws {
    _ = try model(["config_sentence_transformers.json": #"{"prompts": {"query": "", "document": ""}}"#])
    let folder = try ModelFolder(path: "\(folder.path)/model", prompts: ["query": "query: "])
    #expect(try SentenceTransformer(folder).queryPrompt == "query: ")
  }

  @Test(arguments: [
    (["1_Pooling/config.json": "{}"], "1_Pooling/config.json: sets no pooling mode"),
    (
      ["1_Pooling/config.json": #"{"pooling_mode_cls_token": true, "pooling_mode_mean_tokens": true}"#],
      "sets pooling_mode_cls_token and pooling_mode_mean_tokens; one is read here"
    ),
    (
      ["1_Pooling/config.json": #"{"pooling_mode_lasttoken": true}"#],
      "field 'pooling_mode_lasttoken': is not read here"
    ),
    ([:], "1_Pooling/config.json: cannot be opened"),
    (
      ["modules.json": #"[{"path": "", "type": "sentence_transformers.models.Dense"}]"#],
      "field '[0].type': is \"sentence_transformers.models.Dense\""
    ),
    (
      ["modules.json": #"[{"path": "", "type": "sentence_transformers.models.Transformer"}]"#],
      "names no Pooling module"
    ),
    (
      [
        "1_Pooling/config.json": #"{"pooling_mode_mean_tokens": true}"#,
        "sentence_bert_config.json": #"{"max_seq_length": 0}"#,
      ],
      "field 'max_seq_length': must be an integer from 3"
    ),
  ])
  func wrongModulesAreRefused(files: [String: String], sentence: String) throws {
    let model = try model(["modules.json": Self.modules].merging(files) { $1 })
    let found = failure { _ = try SentenceTransformer(model) }
    #expect(found?.contains(sentence) == true, "\(found ?? "")")
  }

  @Test func missingFolderIsNamed() {
    #expect(
      failure { _ = try ModelFolder(path: "/nowhere/m") }
        == "/nowhere/m: is no folder that can be read, and no .gguf file")
  }
}
