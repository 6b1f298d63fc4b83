internal import Foundation
internal import JSON

/// What `/v1/embeddings` answers, checked.
struct OpenAIAnswer {
  /// In the order of the texts.
  private(set) var values: [[Float]]
  private(set) var tokens = 0

  /// - Throws: `EmbedderError` if it is not JSON of that kind, or does not hold exactly one embedding for each text.
  init(_ body: [UInt8], count: Int, url: String) throws {
    func failure(_ reason: String) -> EmbedderError { EmbedderError("\(url) answered with something else: \(reason)") }
    let root: JSONValue
    do {
      root = try body.withUnsafeBytes { bytes throws(JSONError) in try JSONValue.parse(bytes) }
    } catch { throw failure("\(error)") }
    guard let data = root["data"]?.array else { throw failure("there is no list 'data'") }
    guard data.count == count else { throw failure("\(data.count) embeddings for \(count) texts") }
    var slots = [[Float]?](repeating: nil, count: count)
    for (place, item) in data.enumerated() {
      let index = item["index"]?.integer ?? place
      guard slots.indices.contains(index), slots[index] == nil else {
        throw failure("data[\(place)] has the index \(index), which is out of range or comes twice")
      }
      guard let embedding = Self.floats(item["embedding"]), !embedding.isEmpty, embedding.allSatisfy(\.isFinite) else {
        throw failure("data[\(place)].embedding is neither a list of finite numbers nor base64 of such floats")
      }
      slots[index] = embedding
    }
    values = slots.compactMap(\.self)
    tokens = root["usage"]?["prompt_tokens"]?.integer ?? root["usage"]?["total_tokens"]?.integer ?? 0
  }

  private static func floats(_ value: JSONValue?) -> [Float]? {
    switch value {
    case .array(let numbers):
      let floats = numbers.compactMap(\.number).map { Float($0) }
      return floats.count == numbers.count ? floats : nil
    case .string(let text):
      guard let data = Data(base64Encoded: text), data.count % 4 == 0 else { return nil }
      return data.withUnsafeBytes { bytes in
        stride(from: 0, to: bytes.count, by: 4).map {
          Float(bitPattern: UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self)))
        }
      }
    default: return nil
    }
  }

  /// What the body of an error says; services write `{"error": {"message", "code"}}`, or `{"message"}` or `{"detail"}`.
  static func problem(_ body: [UInt8]) -> (message: String?, code: String?) {
    guard let root = try? body.withUnsafeBytes({ try JSONValue.parse($0) }) else {
      let text = String(decoding: body.prefix(200), as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
      return (text.isEmpty ? nil : text, nil)
    }
    let error = root["error"] ?? root
    return (error["message"]?.string ?? error.string ?? root["detail"]?.string, error["code"]?.string)
  }
}
