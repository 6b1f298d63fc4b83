package import Kernels
public import ModelFiles
internal import Tokenizers

/// Embeds with a BERT model of the sentence-transformers kind (Reimers and Gurevych 2019): all-MiniLM, BGE, E5, ….
public final class BERTEmbedder: TokenEmbedder {
  public let name: String
  public let dimension: Int
  public let maximumTokens: Int?
  public let isNormalized: Bool
  /// What it computes in; never `fast`.
  public let precision: BERTPrecision
  let encoder: BERTEncoder
  private let tokenizer: any Tokenizer
  private let prompts: [EmbeddingRole: String]
  private let limit: Int
  private let threads: Int

  /// - Parameters:
  ///   - folder: `config.json`, `model.safetensors`, a tokenizer, and what sentence-transformers adds.
  ///   - threads: how many threads one call may keep busy.
  /// - Throws: `ModelFileError` or `TokenizerError` with the file and the field, tensor or entry at fault.
  /// - Complexity: reads and packs all weights once; `int8` and `fast` also run some 2 000 tokens through them.
  public convenience init(folder: ModelFolder, precision: BERTPrecision, threads: Int) throws {
    try self.init(folder: folder, precision: precision, threads: threads, kernels: .active)
  }

  /// - Parameter kernels: which instructions to compute with.
  package init(folder: ModelFolder, precision: BERTPrecision, threads: Int, kernels: EncoderKernels) throws {
    let configuration = try BERTConfiguration(folder)
    guard configuration.activation == .gelu else {
      throw ModelFileError(
        path: folder.file("config.json"), place: "field 'hidden_act'",
        reason: "is \"\(configuration.activation.rawValue)\", and the encoder computes \"gelu\"")
    }
    let transformer = try SentenceTransformer(folder)
    tokenizer = try TokenizerReader.read(folder)
    limit = min(transformer.maximumTokens ?? configuration.maximumPositions, configuration.maximumPositions)
    (encoder, self.precision) = try BERTEncoder.make(
      BERTWeights(folder: folder, configuration: configuration),
      pooling: TokenPooling(mode: transformer.pooling, normalizes: transformer.normalizes), precision: precision,
      frame: tokenizer.encode("", addSpecialTokens: true).ids, threads: max(1, threads), kernels: kernels)
    name = folder.name
    dimension = configuration.hiddenSize
    maximumTokens = limit
    isNormalized = transformer.normalizes
    prompts = [.query: transformer.queryPrompt, .document: transformer.documentPrompt]
    self.threads = max(1, threads)
  }

  public func embed(_ texts: [String], as role: EmbeddingRole) throws -> EmbeddingBatch {
    var batch = EmbeddingBatch(dimension: dimension, values: [], tokens: [], truncatedTokens: [])
    batch.values.reserveCapacity(texts.count * dimension)
    for start in stride(from: 0, to: texts.count, by: Self.sliceTexts) {
      let slice = tokenize(texts[start..<min(start + Self.sliceTexts, texts.count)], as: role)
      batch.values += encode(slice)
      batch.tokens += zip(slice.offsets, slice.offsets.dropFirst()).map { $1 - $0 }
      batch.truncatedTokens += slice.truncatedTokens
    }
    return batch
  }

  public func embed(_ texts: TokenizedTexts) throws -> EmbeddingBatch {
    try check(texts)
    return EmbeddingBatch(
      dimension: dimension, values: encode(texts),
      tokens: zip(texts.offsets, texts.offsets.dropFirst()).map { $1 - $0 },
      truncatedTokens: texts.truncatedTokens)
  }

  public func tokenize(_ texts: [String], as role: EmbeddingRole) throws -> TokenizedTexts {
    tokenize(texts[...], as: role)
  }

  private func encode(_ texts: TokenizedTexts) -> [Float] {
    [Float](unsafeUninitializedCapacity: texts.count * dimension) { values, count in
      if let base = values.baseAddress {
        encoder.encode(texts.ids, offsets: texts.offsets, threads: threads, into: base)
      }
      count = texts.count * dimension
    }
  }

  /// Texts that are tokenised before they are embedded: so many tokens lie in memory, however long the batch.
  private static let sliceTexts = 2_048
}

extension BERTEmbedder {
  private func tokenize(_ texts: ArraySlice<String>, as role: EmbeddingRole) -> TokenizedTexts {
    let prompt = prompts[role] ?? ""
    let texts = Array(texts)
    var pieces = [TokenizedTexts](repeating: TokenizedTexts(), count: (texts.count + Self.grain - 1) / Self.grain)
    pieces.withUnsafeMutableBufferPointer { pieces in
      // Every range has one place of its own.
      nonisolated(unsafe) let pieces = pieces
      Parallel.forEach(count: texts.count, threads: threads, grain: Self.grain) { _, range in
        var piece = TokenizedTexts()
        for text in range { append(prompt.isEmpty ? texts[text] : prompt + texts[text], to: &piece) }
        pieces[range.lowerBound / Self.grain] = piece
      }
    }
    var joined = TokenizedTexts()
    for piece in pieces {
      let start = joined.ids.count
      joined.ids += piece.ids
      joined.offsets += piece.offsets.dropFirst().map { $0 + start }
      joined.truncatedTokens += piece.truncatedTokens
    }
    return joined
  }

  /// Cut as Hugging Face does it: the last special token stays.
  private func append(_ text: String, to piece: inout TokenizedTexts) {
    let ids = tokenizer.encode(text, addSpecialTokens: true).ids
    if ids.count > limit {
      piece.ids += ids[..<(limit - 1)]
      piece.ids.append(ids[ids.count - 1])
    } else {
      piece.ids += ids
    }
    piece.offsets.append(piece.ids.count)
    piece.truncatedTokens.append(max(0, ids.count - limit))
  }

  private func check(_ texts: TokenizedTexts) throws {
    guard texts.offsets.first == 0, texts.offsets.last == texts.ids.count else {
      throw EmbedderError("the offsets of the texts do not span their \(texts.ids.count) token ids")
    }
    for text in 0..<texts.count {
      let length = texts.offsets[text + 1] - texts.offsets[text]
      guard length > 0 else { throw EmbedderError("text \(text) has no tokens; an empty text has [CLS] and [SEP]") }
      guard length <= limit else {
        throw EmbedderError("text \(text) has \(length) tokens, and '\(name)' reads \(limit); cut it before")
      }
    }
    let size = encoder.configuration.vocabularySize
    if let wrong = texts.ids.firstIndex(where: { $0 < 0 || $0 >= size }) {
      throw EmbedderError("token id \(texts.ids[wrong]) at \(wrong) is outside the vocabulary of \(size) entries")
    }
  }

  /// Texts that one thread tokenises at a time.
  private static let grain = 16
}
