internal import Documents
internal import Instrumentation

/// The chunks of a corpus, each with the document that it is of.
struct ChunkedCorpus {
  /// As they are embedded: with their context.
  private(set) var texts: [String] = []
  /// Number of each chunk's document.
  private(set) var documents: [Int] = []
  /// Place of each chunk in its document, in UTF-8 bytes.
  private(set) var ranges: [Range<Int>] = []
  /// Chunking the whole corpus, a few times over.
  private(set) var seconds: [Double] = []

  private static let repetitions = 3

  init(_ corpus: JudgedCorpus, chunker: any Chunker, context: ChunkContext) {
    var chunks: [[Chunk]] = []
    for _ in 0..<Self.repetitions {
      let start = MonotonicClock.now()
      chunks = corpus.documents.map { chunker.chunks(of: $0.text) }
      seconds.append(MonotonicClock.seconds(from: start, to: MonotonicClock.now()))
    }
    for (number, members) in chunks.enumerated() {
      for chunk in members {
        texts.append(Self.text(of: chunk, in: corpus.documents[number], context))
        documents.append(number)
        ranges.append(chunk.start..<chunk.end)
      }
    }
  }

  var count: Int { texts.count }

  /// Documents that have a chunk, and so can be found.
  var documentCount: Int { Set(documents).count }

  /// Whether a chunk holds the whole of an answer's place.
  func holds(_ chunk: Int, _ evidence: Evidence, in corpus: JudgedCorpus) -> Bool {
    corpus.documents[documents[chunk]].id == evidence.document && ranges[chunk].lowerBound <= evidence.range.lowerBound
      && ranges[chunk].upperBound >= evidence.range.upperBound
  }

  private static func text(of chunk: Chunk, in document: Document, _ context: ChunkContext) -> String {
    let line: String? =
      switch context {
      case .none: nil
      case .title: document.title
      case .headings: chunk.metadata["headings"] ?? document.title
      }
    guard let line, !line.isEmpty else { return chunk.text }
    return "\(line)\n\(chunk.text)"
  }
}
