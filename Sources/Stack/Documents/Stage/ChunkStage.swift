internal import Files
internal import Foundation

/// Chunking as scripts use it: documents or JSON lines in, one line of JSON a chunk out.
public struct ChunkStage {
  private let chunker: any Chunker
  private let encoder: JSONEncoder

  public init(chunker: any Chunker) {
    self.chunker = chunker
    encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
  }

  /// `{"id", "text"}` as its chunks: `{"id", "index", "text", "start", "end"}`, offsets in UTF-8 bytes of the text, and
  /// "metadata" where the chunker knows some. The id comes back as it was, a string, a number, or nothing.
  ///
  /// - Returns: lines with their newlines, and the broken byte sequences that became U+FFFD.
  /// - Throws: `DataError.corrupt` with the number of a line that is no such object.
  public func answer(
    line: UnsafeRawBufferPointer, number: Int, source: String
  ) throws -> (lines: [UInt8], repairs: Int) {
    let decoded = DecodedText(utf8: line)
    let request: Request
    do {
      request = try JSONDecoder().decode(Request.self, from: Data(decoded.text.utf8))
    } catch {
      throw DataError.corrupt(path: source, at: "line \(number)", reason: JSONLines.reason(error))
    }
    return (try lines(of: request.text, id: request.id), decoded.repairs)
  }

  /// The chunks of a document, as `answer` writes them.
  public func lines(of document: Document, id: String? = nil) throws -> [UInt8] {
    try lines(of: document.text, id: .text(id ?? document.id))
  }

  /// The chunks of a plain text.
  public func answer(text: UnsafeRawBufferPointer, id: String) throws -> (lines: [UInt8], repairs: Int) {
    let decoded = try DecodedText(text)
    return (try lines(of: decoded.text, id: .text(id)), decoded.repairs)
  }

  private func lines(of text: String, id: Identifier?) throws -> [UInt8] {
    var output: [UInt8] = []
    for (index, chunk) in chunker.chunks(of: text).enumerated() {
      output += try encoder.encode(Answer(id: id, index: index, chunk: chunk))
      output.append(0x0A)
    }
    return output
  }

  /// What the caller calls a text.
  private enum Identifier: Codable {
    case text(String)
    case number(Int)

    init(from decoder: any Decoder) throws {
      let container = try decoder.singleValueContainer()
      self =
        if let number = try? container.decode(Int.self) { .number(number) } else {
          .text(try container.decode(String.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
      var container = encoder.singleValueContainer()
      switch self {
      case .text(let text): try container.encode(text)
      case .number(let number): try container.encode(number)
      }
    }
  }

  private struct Request: Decodable {
    var id: Identifier?
    var text: String
  }

  private struct Answer: Encodable {
    var id: Identifier?
    var index: Int
    var text: String
    var start: Int
    var end: Int
    var metadata: [String: String]?

    init(id: Identifier?, index: Int, chunk: Chunk) {
      self.id = id
      self.index = index
      text = chunk.text
      start = chunk.start
      end = chunk.end
      metadata = chunk.metadata.isEmpty ? nil : chunk.metadata
    }
  }
}
