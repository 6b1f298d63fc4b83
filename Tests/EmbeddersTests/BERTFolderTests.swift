import Embedders
import Foundation
import ModelFiles
import TestFixtures
import Testing

/// Folders of models that are wrong in one place each.
@Suite struct BERTFolderTests {
  /// What the embedder says of the small model "mean" after a change to a copy of its folder.
  private func reason(_ change: (TemporaryFolder) throws -> Void) throws -> String? {
    let folder = TemporaryFolder()
    let source = "\(BERTGolden.directory)/mean"
    for name in try FileManager.default.subpathsOfDirectory(atPath: source) {
      guard let bytes = FileManager.default.contents(atPath: "\(source)/\(name)") else { continue }
      _ = try folder.file(name, Array(bytes))
    }
    try change(folder)
    return failure { _ = try BERTEmbedder(folder: ModelFolder(path: folder.path), precision: .f32, threads: 1) }?
      .replacingOccurrences(of: folder.path, with: "FOLDER")
  }

  private func replace(_ old: String, _ new: String, in name: String, _ folder: TemporaryFolder) throws {
    let text = try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .isoLatin1)
    #expect(text.contains(old))
    let replaced = text.replacingOccurrences(of: old, with: new)
    _ = try folder.file(name, Array(replaced.unicodeScalars.map { UInt8($0.value) }))
  }

  @Test func theCopyItselfIsRight() throws {
    #expect(try reason { _ in } == nil)
  }

  @Test func configurationThatDoesNotFitTheWeights() throws {
    #expect(
      try reason { try replace("\"intermediate_size\": 72", "\"intermediate_size\": 73", in: "config.json", $0) }
        == "FOLDER/model.safetensors: tensor 'encoder.layer.0.intermediate.dense.weight': has the shape [72, 40], "
        + "and the configuration asks for [73, 40]")
    #expect(
      try reason { try replace("\"num_hidden_layers\": 3", "\"num_hidden_layers\": 4", in: "config.json", $0) }?
        .hasPrefix("FOLDER/model.safetensors: tensor 'encoder.layer.3.attention.self.query.weight': is not among")
        == true)
    #expect(
      try reason { try replace("\"num_attention_heads\": 5", "\"num_attention_heads\": 7", in: "config.json", $0) }
        == "FOLDER/config.json: field 'num_attention_heads': is 7, which does not divide hidden_size 40")
    #expect(
      try reason { try replace("\"gelu\"", "\"relu\"", in: "config.json", $0) }
        == "FOLDER/config.json: field 'hidden_act': is \"relu\", and the encoder computes \"gelu\"")
  }

  @Test func weightsThatAreMissingOrWrong() throws {
    let name = "model.safetensors"
    #expect(
      try reason { try FileManager.default.removeItem(atPath: "\($0.path)/\(name)") }?.contains("FOLDER/\(name)")
        == true)
    let cut = try reason { folder in
      let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(folder.path)/\(name)"))
      _ = try folder.file(name, Array(bytes.dropLast(100)))
    }
    #expect(cut?.contains("cut short") == true, "\(cut ?? "")")
    let integers = try reason { folder in
      try replace(
        "\"embeddings.LayerNorm.bias\":{\"dtype\":\"F32\"", "\"embeddings.LayerNorm.bias\":{\"dtype\":\"I32\"",
        in: name,
        folder)
    }
    #expect(integers?.contains("tensor 'embeddings.LayerNorm.bias': is of type I32") == true, "\(integers ?? "")")
  }

  @Test func tokenizerOfAnotherModel() throws {
    let reason = try reason { folder in
      let text = try String(contentsOfFile: "\(folder.path)/vocab.txt", encoding: .utf8)
      _ = try folder.file("vocab.txt", text + "more\n")
    }
    #expect(reason?.contains("has 38 pieces, and the model was trained with 37") == true, "\(reason ?? "")")
  }
}
