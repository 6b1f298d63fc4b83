public import Foundation

extension RunRecord: Codable {
  private enum CodingKeys: String, CodingKey { case schema, run, cases }

  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    let schema = try container.decode(String.self, forKey: .schema)
    guard schema == Self.schema else {
      throw DecodingError.dataCorruptedError(
        forKey: .schema, in: container, debugDescription: "it is '\(schema)', and only '\(Self.schema)' is understood")
    }
    run = try container.decode(RunHeader.self, forKey: .run)
    cases = try container.decode([CaseRecord].self, forKey: .cases)
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.schema, forKey: .schema)
    try container.encode(run, forKey: .run)
    try container.encode(cases, forKey: .cases)
  }

  /// The run as JSON with sorted keys, ending in a newline.
  public func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    return try encoder.encode(self) + Data("\n".utf8)
  }

  /// Reads what `json()` or another tool wrote.
  ///
  /// - Parameter source: the file's name, for the error.
  /// - Throws: `RunStoreError.notARun` naming the field at fault.
  public init(json: Data, source: String) throws {
    do {
      self = try JSONDecoder().decode(RunRecord.self, from: json)
    } catch let error as DecodingError {
      throw RunStoreError.notARun(source: source, reason: Self.sentence(error))
    }
  }

  private static func sentence(_ error: DecodingError) -> String {
    func place(_ path: [any CodingKey]) -> String {
      let text = path.reduce("") { text, key in
        if let index = key.intValue { return "\(text)[\(index)]" }
        return text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)"
      }
      return text.isEmpty ? "the whole" : "'\(text)'"
    }
    switch error {
    case .keyNotFound(let key, let context): return "\(place(context.codingPath + [key])) is missing"
    case .valueNotFound(_, let context): return "\(place(context.codingPath)) is null"
    case .typeMismatch(let type, let context): return "\(place(context.codingPath)) is no \(type)"
    case .dataCorrupted(let context) where context.codingPath.isEmpty: return "it is no JSON"
    case .dataCorrupted(let context): return "\(place(context.codingPath)): \(context.debugDescription)"
    @unknown default: return "it cannot be decoded"
    }
  }
}
