/// BERT's tokenizer: normalise, cut into words, cover each word greedily with the longest pieces of the vocabulary.
///
/// Equal to Hugging Face `BertNormalizer` + `BertPreTokenizer` + `WordPiece` (Devlin et al. 2018; Schuster and Nakajima
/// 2012).
public struct WordPieceTokenizer: Tokenizer {
  public let vocabularySize: Int
  let normalizer: BERTNormalizer
  let special: SpecialTokens
  let initial: PieceTable
  let continuing: PieceTable
  let unknown: Int32
  let classify: Int32
  let separate: Int32
  private let pieces: [String]
  /// A word of more scalars is unknown as a whole.
  let longestWord: Int

  /// - Parameters:
  ///   - pieces: the vocabulary, by id; continuations start with "##".
  ///   - lowercase: uncased models; accents are stripped with it unless `stripAccents` says otherwise.
  ///   - addedTokens: ids that a text may spell out, besides [PAD], [UNK], [CLS], [SEP] and [MASK].
  /// - Throws: `TokenizerError` if [UNK], [CLS] or [SEP] is missing.
  public init(
    pieces: [String], lowercase: Bool, stripAccents: Bool? = nil, cleanText: Bool = true, separateCJK: Bool = true,
    longestWord: Int = 100, addedTokens: [Int32] = []
  ) throws {
    var ids: [String: Int32] = [:]
    var initial = PieceTable(capacity: pieces.count)
    var continuing = PieceTable(capacity: pieces.count)
    for (id, piece) in pieces.enumerated() {
      ids[piece] = Int32(id)
      initial.add(piece.utf8, id: Int32(id))
      if piece.utf8.starts(with: "##".utf8) { continuing.add(piece.utf8.dropFirst(2), id: Int32(id)) }
    }
    self.initial = initial
    self.continuing = continuing
    func required(_ name: String) throws -> Int32 {
      guard let id = ids[name] else {
        throw TokenizerError("the vocabulary of \(pieces.count) pieces has no \(name); it is not one of BERT's")
      }
      return id
    }
    unknown = try required("[UNK]")
    classify = try required("[CLS]")
    separate = try required("[SEP]")
    let named = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"].compactMap { name in ids[name].map { (name, $0) } }
    let added = addedTokens.filter { id in pieces.indices.contains(Int(id)) && !named.contains { $0.1 == id } }
    special = SpecialTokens(named + added.map { (pieces[Int($0)], $0) })
    normalizer = BERTNormalizer(
      lowercase: lowercase, stripAccents: stripAccents ?? lowercase, cleanText: cleanText, separateCJK: separateCJK)
    vocabularySize = pieces.count
    self.pieces = pieces
    self.longestWord = longestWord
  }

  public func encode(_ text: String, addSpecialTokens: Bool) -> Encoding {
    var encoder = WordPieceEncoder(tokenizer: self)
    if addSpecialTokens { encoder.append(classify, 0..<0) }
    var copy = text
    copy.withUTF8 { bytes in
      special.forEachPart(of: bytes) {
        encoder.encode(bytes, $0)
      } special: {
        encoder.append($0, $1)
      }
    }
    if addSpecialTokens { encoder.append(separate, 0..<0) }
    return encoder.output
  }

  /// Words joined by single spaces, continuations to what precedes them.
  public func decode(_ ids: [Int32], skipSpecialTokens: Bool) -> String {
    var text = ""
    for id in ids where id >= 0 && Int(id) < pieces.count && !(skipSpecialTokens && special.ids.contains(id)) {
      let piece = pieces[Int(id)]
      if piece.hasPrefix("##"), !text.isEmpty {
        text += piece.dropFirst(2)
      } else {
        text += text.isEmpty ? piece : " " + piece
      }
    }
    return text
  }
}
