import Embedders
import Foundation
import Kernels
import ModelFiles

/// A text and its embedding by another implementation; see Goldens/BERT/make.py.
struct BERTGolden: Decodable {
  var model: String
  var role: EmbeddingRole
  var text: String
  var tokens: Int
  var truncated: Int
  var embedding: [Float]

  static let directory = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Goldens/BERT"

  static func load() throws -> [BERTGolden] {
    try JSONDecoder().decode(
      [BERTGolden].self, from: Data(contentsOf: URL(fileURLWithPath: "\(directory)/goldens.json")))
  }

  static func embedder(
    _ model: String, precision: BERTPrecision = .f32, threads: Int = 1, kernels: String? = nil
  ) throws -> BERTEmbedder {
    try BERTEmbedder(
      folder: ModelFolder(path: "\(directory)/\(model)"), precision: precision, threads: threads,
      kernels: kernels.flatMap(EncoderKernels.named) ?? .active)
  }
}
