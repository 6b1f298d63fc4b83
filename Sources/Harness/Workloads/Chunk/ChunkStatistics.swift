internal import Documents
internal import RunStore
internal import Statistics
internal import Tokenizers

/// What a chunker made of some documents.
struct ChunkStatistics {
  private(set) var sourceBytes = 0
  private var chunks = 0
  /// Unicode scalars of each chunk.
  private var lengths: [Double] = []
  /// Tokens of each chunk, for a chunker that counts them.
  private var tokens: [Double]?
  private var sharedBytes = 0
  private var leftOutBytes = 0

  init(of documents: [Document], cutBy chunker: any Chunker) {
    let tokenizer = (chunker as? TokenChunker)?.tokenizer
    if tokenizer != nil { tokens = [] }
    for document in documents {
      let size = document.text.utf8.count
      let pieces = chunker.chunks(of: document.text)
      sourceBytes += size
      chunks += pieces.count
      for piece in pieces {
        lengths.append(Double(piece.text.unicodeScalars.count))
        if let tokenizer {
          tokens?.append(Double(tokenizer.encode(piece.text, addSpecialTokens: false).ids.count))
        }
      }
      count(pieces.map { $0.start..<$0.end }, of: size)
    }
  }

  /// Bytes under no chunk and under more than one; `places` are in order of their beginnings.
  private mutating func count(_ places: [Range<Int>], of size: Int) {
    var once = 0
    var twice = 0
    var covered = 0
    for place in places {
      leftOutBytes += max(0, place.lowerBound - once)
      // What lies below `once` is covered already, and what of it lies below `twice` is counted as shared already.
      let shared = max(place.lowerBound, twice)..<max(min(place.upperBound, once), max(place.lowerBound, twice))
      covered += shared.count
      twice = max(twice, shared.upperBound)
      once = max(once, place.upperBound)
    }
    sharedBytes += covered
    leftOutBytes += size - once
  }

  var metrics: [String: MetricValue] {
    var values = distribution("chunk_length", lengths)
    if let tokens { values.merge(distribution("chunk_tokens", tokens)) { $1 } }
    values["chunks"] = MetricValue(Double(chunks), unit: "1", better: .none, kind: .count, n: 1)
    values["overlap_share"] = MetricValue(
      sourceBytes == 0 ? nil : Double(sharedBytes) / Double(sourceBytes), unit: "ratio", better: .none, kind: .count,
      reason: sourceBytes == 0 ? "the corpus has no text" : nil)
    values["left_out_bytes"] = MetricValue(Double(leftOutBytes), unit: "B", better: .none, kind: .count)
    return values
  }

  private func distribution(_ name: String, _ lengths: [Double]) -> [String: MetricValue] {
    let sorted = lengths.sorted()
    let quantiles = [("p5", 0.05), ("p50", 0.5), ("p95", 0.95), ("max", 1.0)]
    return Dictionary(
      uniqueKeysWithValues: quantiles.map { suffix, q in
        let value = q == 1 ? sorted.last : Quantile.value(q, ofSorted: sorted)
        return (
          "\(name)_\(suffix)",
          MetricValue(
            value, unit: "1", better: .none, kind: .count, n: sorted.count,
            reason: sorted.isEmpty ? "there is no chunk" : nil)
        )
      })
  }
}
