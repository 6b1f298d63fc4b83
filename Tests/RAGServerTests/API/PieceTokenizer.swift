import RAGServer
import Tokenizers

/// A tokenizer whose vocabulary is a list of texts; ids beyond the list have none.
struct PieceTokenizer: Tokenizer {
  var pieces: [String]
  var vocabularySize: Int

  init(_ pieces: [String], vocabularySize: Int = 49_152) {
    self.pieces = pieces
    self.vocabularySize = vocabularySize
  }

  /// Takes the longest piece each time, and leaves out characters with which none begins.
  func encode(_ text: String, addSpecialTokens: Bool) -> Encoding {
    var encoding = Encoding()
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let fitting = pieces.indices.filter { !pieces[$0].isEmpty && rest.starts(with: pieces[$0].utf8) }
      guard let longest = fitting.max(by: { pieces[$0].utf8.count < pieces[$1].utf8.count }) else {
        rest = rest.dropFirst()
        continue
      }
      encoding.ids.append(Int32(longest))
      encoding.ranges.append(rest.startIndex..<rest.startIndex + pieces[longest].utf8.count)
      rest = rest.dropFirst(pieces[longest].utf8.count)
    }
    return encoding
  }

  func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String {
    ids.map { pieces.indices.contains(Int($0)) ? pieces[Int($0)] : "" }.joined()
  }
}

extension ServedModel {
  /// The model of the transcripts, with other pieces.
  static func scripted(_ pieces: [String] = [], endTokens: [Int32] = []) -> ServedModel {
    ServedModel(
      name: "smollm2", maxModelLength: 2048, vocabularySize: 49_152, tokenizer: PieceTokenizer(pieces),
      endTokens: endTokens, created: 1_700_000_000, fingerprint: "ragmeter-test")
  }
}

extension GenerationCall {
  init(_ text: String, _ endpoint: Endpoint = .completions, model: ServedModel = .scripted()) throws(APIError) {
    try self.init(Array(text.utf8), endpoint, model: model)
  }

  init(_ bytes: [UInt8], _ endpoint: Endpoint, model: ServedModel = .scripted()) throws(APIError) {
    let result = bytes.withUnsafeBytes { bytes in
      Result { () throws(APIError) in try GenerationCall(body: bytes, endpoint: endpoint, model: model) }
    }
    self = try result.get()
  }
}
