internal import Spelling
public import Tokenizers

/// Makes chunkers of every kind by name.
public enum ChunkerFactory {
  /// Every kind, simplest first.
  public static var kinds: [String] { entries.map(\.kind) }

  /// The parameters that a kind takes.
  ///
  /// - Throws: `ChunkerError` for a kind that is not known.
  public static func parameterNames(_ kind: String) throws(ChunkerError) -> [String] {
    try entry(kind).parameters
  }

  /// A chunker as the specification says.
  ///
  /// `recursive`, `markdown` and `sentence` take `size` (512) and `overlap` (a tenth of the size) in Unicode scalars;
  /// `tokens` takes `size` (1024) and `overlap` (a quarter of the size) in tokens of `tokenizer`; `separator` takes
  /// `separator`.
  ///
  /// - Parameter tokenizer: gives the tokenizer of a name; asked by `tokens` alone.
  /// - Throws: `ChunkerError` for an unknown kind or parameter, with the nearest right one, for a parameter that is missing
  ///   or out of range, overlap ≥ size among them; and what `tokenizer` throws.
  public static func make(
    _ specification: ChunkerSpecification, tokenizer: (String) throws -> any Tokenizer
  ) throws -> any Chunker {
    let entry = try entry(specification.kind)
    for name in specification.parameters.keys.sorted() where !entry.parameters.contains(name) {
      let known =
        entry.parameters.isEmpty ? "it has none" : Spelling.hint(for: name, among: entry.parameters)
      throw ChunkerError("chunker \(entry.kind) has no parameter '\(name)'; \(known)")
    }
    return try entry.make(specification.parameters, tokenizer)
  }

  private typealias TokenizerSource = (String) throws -> any Tokenizer

  private struct Entry: Sendable {
    var kind: String
    var parameters: [String]
    var make: @Sendable ([String: String], TokenizerSource) throws -> any Chunker
  }

  private static let entries: [Entry] = [
    Entry(kind: WholeChunker.kind, parameters: []) { _, _ in WholeChunker() },
    Entry(kind: SeparatorChunker.kind, parameters: ["separator"]) { parameters, _ in
      guard let separator = parameters["separator"] else {
        throw ChunkerError("chunker separator needs the text to cut at, such as separator=\"# \"")
      }
      return try SeparatorChunker(separator: separator)
    },
    Entry(kind: RecursiveChunker.kind, parameters: ["size", "overlap"]) { parameters, _ in
      RecursiveChunker(length: try length(parameters))
    },
    Entry(kind: MarkdownChunker.kind, parameters: ["size", "overlap"]) { parameters, _ in
      MarkdownChunker(length: try length(parameters))
    },
    Entry(kind: SentenceChunker.kind, parameters: ["size", "overlap"]) { parameters, _ in
      SentenceChunker(length: try length(parameters))
    },
    Entry(kind: TokenChunker.kind, parameters: ["size", "overlap", "tokenizer"]) { parameters, tokenizer in
      let window = try window(parameters, size: 1024, overlap: { $0 / 4 })
      guard let name = parameters["tokenizer"] else {
        throw ChunkerError("chunker tokens needs the model whose tokens it counts, such as tokenizer=minilm")
      }
      return try TokenChunker(tokenizer: tokenizer(name), size: window.size, overlap: window.overlap)
    },
  ]

  private static func entry(_ kind: String) throws(ChunkerError) -> Entry {
    guard let entry = entries.first(where: { $0.kind == kind }) else {
      throw ChunkerError("no chunker is called '\(kind)'; \(Spelling.hint(for: kind, among: kinds))")
    }
    return entry
  }

  private static func length(_ parameters: [String: String]) throws -> ChunkLength {
    let window = try window(parameters, size: 512, overlap: { $0 / 10 })
    return try ChunkLength(size: window.size, overlap: window.overlap)
  }

  /// Stricter than `ChunkLength`, which lets chunks overlap whole: whoever asks for that has mistaken one for the other.
  private static func window(
    _ parameters: [String: String], size: Int, overlap: (Int) -> Int
  ) throws(ChunkerError) -> (size: Int, overlap: Int) {
    let size = try integer("size", of: parameters) ?? size
    guard size >= 1 else { throw ChunkerError("size is \(size); it must be at least 1") }
    let overlap = try integer("overlap", of: parameters) ?? overlap(size)
    guard overlap >= 0, overlap < size else {
      throw ChunkerError(
        "overlap is \(overlap) with size \(size); it must be from 0 to \(size - 1), less than the size")
    }
    return (size, overlap)
  }

  private static func integer(_ name: String, of parameters: [String: String]) throws(ChunkerError) -> Int? {
    guard let text = parameters[name] else { return nil }
    guard let value = Int(text) else { throw ChunkerError("\(name) is '\(text)'; it must be an integer") }
    return value
  }
}
