import Foundation
import ModelFiles

/// The real model, where it has been fetched, and its reference, where it is mounted.
enum MiniLM {
  struct Reference: Decodable {
    var text: String
    var ids: [Int32]
    var untruncated: Int
    var embedding: [Float]

    enum CodingKeys: String, CodingKey {
      case text, ids, embedding
      case untruncated = "n_ids_untruncated"
    }
  }

  private static let environment = ProcessInfo.processInfo.environment

  static var isHere: Bool {
    guard environment["RAGMETER_REFERENCE"] != nil, let folder = try? folder() else { return false }
    return folder.has("model.safetensors")
  }

  static func folder() throws -> ModelFolder {
    let cache = environment["RAGMETER_MODELS"] ?? "\(environment["HOME"] ?? "")/.cache/ragmeter/models"
    return try ModelFolder(path: "\(cache)/minilm")
  }

  static func references() throws -> [Reference] {
    let path = "\(environment["RAGMETER_REFERENCE"] ?? "")/minilm/reference.json"
    return try JSONDecoder().decode([Reference].self, from: Data(contentsOf: URL(fileURLWithPath: path)))
  }
}
