internal import Datasets

/// Finds documents by searching chunks: a document stands where its best chunk stands (Dai and Callan, "Deeper text
/// understanding for IR with contextual neural language modeling", SIGIR 2019: MaxP).
///
/// A question is asked for as many chunks as documents are wanted, twice as many where documents have several; if these hold
/// too few documents, it is asked again for twice as many, until they do or the index has no more. What all these searches
/// take is the question's latency. An `ef` below the number of chunks is raised to it.
struct DocumentSearch {
  let engine: any SearchEngine
  /// Number of each chunk's document.
  let documents: [Int]
  /// Documents that have a chunk.
  let documentCount: Int

  /// What one pass over the questions found.
  struct Pass {
    /// Documents of each question, the best first: at most as many as were wanted.
    var rankings: [[Int]]
    /// Chunks of each question's first search, the best first.
    var chunks: [[Int]]
    /// All searches of a question, in nanoseconds.
    var latencies: [UInt64]
    var seconds = 0.0
    var searches: [UInt64]
    /// Chunks that a question's last search was asked for.
    var fetched: [UInt64]
    /// Distances over all searches; nil where the engine cannot tell.
    var distances: Int?
  }

  /// One pass, a question a call on one thread.
  ///
  /// - Parameter wanted: documents for each question.
  /// - Throws: what the engine throws; `EngineError` for an answer that does not fit the question.
  func pass(_ questions: VectorSet, wanted: Int, parameters: [String: String]) throws -> Pass {
    let rows = documents.count
    var found = Pass(
      rankings: Array(repeating: [], count: questions.count), chunks: Array(repeating: [], count: questions.count),
      latencies: Array(repeating: 0, count: questions.count), searches: Array(repeating: 0, count: questions.count),
      fetched: Array(repeating: 0, count: questions.count))
    var waiting = Array(0..<questions.count)
    var fetch = min(rows, documentCount == rows ? wanted : 2 * wanted)
    while !waiting.isEmpty {
      let asked = try waiting.count == questions.count ? questions : questions.picked(waiting)
      let request = SearchPassRequest(
        k: fetch, mode: .single, threads: 1, parameters: Self.widened(parameters, to: fetch))
      let answer = try engine.search(asked, pass: request)
      try answer.check(queries: asked.count, request)
      found.seconds += answer.seconds
      if let distances = answer.distances { found.distances = (found.distances ?? 0) + distances }
      var short: [Int] = []
      for (place, question) in waiting.enumerated() {
        let chunks = try chunks(answer.ids[place * fetch..<(place + 1) * fetch])
        if found.searches[question] == 0 { found.chunks[question] = chunks }
        found.latencies[question] += answer.latencies[place]
        found.searches[question] += 1
        found.fetched[question] = UInt64(fetch)
        found.rankings[question] = ranking(chunks, wanted: wanted)
        if found.rankings[question].count < wanted, chunks.count == fetch, fetch < rows { short.append(question) }
      }
      waiting = short
      fetch = min(rows, 2 * fetch)
    }
    return found
  }

  /// A graph's beam holds at least what is asked for.
  private static func widened(_ parameters: [String: String], to fetch: Int) -> [String: String] {
    guard let ef = parameters["ef"].flatMap(Int.init), ef < fetch else { return parameters }
    return parameters.merging(["ef": "\(fetch)"]) { $1 }
  }

  /// The chunks that were found.
  private func chunks(_ ids: ArraySlice<Int64>) throws -> [Int] {
    try ids.filter { $0 >= 0 }.map { id in
      guard id < documents.count else {
        throw EngineError("the engine answered row \(id), and there are \(documents.count)")
      }
      return Int(id)
    }
  }

  private func ranking(_ chunks: [Int], wanted: Int) -> [Int] {
    var ranking: [Int] = []
    var seen: Set<Int> = []
    for chunk in chunks where ranking.count < wanted && seen.insert(documents[chunk]).inserted {
      ranking.append(documents[chunk])
    }
    return ranking
  }
}

extension VectorSet {
  /// A copy of some rows, in that order.
  func picked(_ rows: [Int]) throws -> VectorSet {
    var values: [Float] = []
    values.reserveCapacity(rows.count * dimension)
    for row in rows { values += self.row(row) }
    return try VectorSet(dimension: dimension, values: values)
  }
}
