internal import GenerationClient
internal import HTTP
internal import VectorStores

/// The events of a turn's stream, one after another, with the time at which each came.
struct TurnEvents {
  private static let longestRefusal = 1 << 16

  private let server: LlamaStackServer
  private let path: String
  private let silence: Double
  private var pieces: AsyncThrowingStream<TransferThread.Piece, any Error>.Iterator
  private var parser = SSEParser()
  private var waiting: [(event: FieldValue, time: UInt64)] = []
  private var taken = 0

  init(
    _ pieces: AsyncThrowingStream<TransferThread.Piece, any Error>, server: LlamaStackServer, path: String,
    silence: Double
  ) {
    self.pieces = pieces.makeAsyncIterator()
    self.server = server
    self.path = path
    self.silence = silence
  }

  /// - Returns: nil where the stream ended.
  /// - Throws: `VectorStoreError.remote` for a refusal, for what is no stream of events and for one that breaks off; `RAGError` for
  ///   an event that is no JSON.
  mutating func next() async throws -> (event: FieldValue, time: UInt64)? {
    while taken == waiting.count {
      waiting.removeAll(keepingCapacity: true)
      taken = 0
      guard let piece = try await piece() else { return nil }
      guard piece.head.status == 200, piece.head.headers["content-type"]?.hasPrefix("text/event-stream") == true else {
        throw try await refusal(from: piece)
      }
      try parse(piece)
    }
    taken += 1
    return waiting[taken - 1]
  }

  private mutating func parse(_ piece: TransferThread.Piece) throws {
    do {
      try piece.bytes.withUnsafeBytes { bytes in
        try parser.consume(bytes) { data in
          // Llama Stack sends none; those that speak like it may.
          guard !data.isEmpty, !data.elementsEqual("[DONE]".utf8) else { return }
          waiting.append((try FieldValue(json: data), piece.time))
        }
      }
    } catch let mistake as JSONMistake {
      throw RAGError("an event of the turn's stream is no JSON (\(mistake)); read the server's log")
    } catch let error as SSEParser.TooLong {
      throw RAGError("\(error); ask for fewer or shorter chunks")
    }
  }

  private mutating func piece() async throws -> TransferThread.Piece? {
    do {
      return try await pieces.next()
    } catch let failure as TransferFailure {
      throw server.remote.failure(failure, path: path, patience: silence)
    }
  }

  private mutating func refusal(from first: TransferThread.Piece) async throws -> VectorStoreError {
    var page = first.bytes
    while page.count < Self.longestRefusal, let more = try await piece() { page += more.bytes }
    return server.refusal(
      HTTPResponse(status: first.head.status, headers: first.head.headers, body: page), path: path)
  }
}
