import Files
import Foundation

/// Prompts in words: a text file with one a line, or JSON lines.
///
/// A JSON line holds `prompt`, or `turns` as MT-bench has them, of which the first is the prompt; and `output_tokens` where
/// the length of its answer is known.
public struct PromptFile: Sendable, Equatable {
  public struct Prompt: Sendable, Hashable {
    public var text: String
    public var outputTokens: Int?
    /// What is said next in the same conversation.
    public var furtherTurns: [String]

    public init(text: String, outputTokens: Int? = nil, furtherTurns: [String] = []) {
      self.text = text
      self.outputTokens = outputTokens
      self.furtherTurns = furtherTurns
    }
  }

  /// In the order of the file; blank lines are none.
  public let prompts: [Prompt]

  /// - Throws: `DataError.corrupt` with the line that is no UTF-8 or holds no prompt; `.invalid` for another ending than
  ///   `.jsonl` and `.txt`.
  public init(path: String) throws {
    let file = try FileBytes(path: path)
    let name = path.hasSuffix(".gz") ? String(path.dropLast(3)) : path
    let isJSON = name.hasSuffix(".jsonl")
    guard isJSON || name.hasSuffix(".txt") else {
      throw DataError.invalid("'\(path)' tells no kind of prompts; they are in a .jsonl, .txt or .csv file")
    }
    var lines = Lines(file.bytes)
    var prompts: [Prompt] = []
    while let line = lines.next() {
      func corrupt(_ reason: String) -> DataError { .corrupt(path: path, at: "line \(line.number)", reason: reason) }
      guard let text = String(validating: file.bytes[line.bytes], as: UTF8.self) else {
        throw corrupt("is no UTF-8")
      }
      prompts.append(isJSON ? try Self.prompt(text, corrupt) : Prompt(text: text))
    }
    guard !prompts.isEmpty else {
      throw DataError.corrupt(path: path, at: "line 1", reason: "the file holds no prompt")
    }
    self.prompts = prompts
  }

  private struct Fields: Decodable {
    var prompt: String?
    var turns: [String]?
    var outputTokens: Int?

    enum CodingKeys: String, CodingKey {
      case prompt, turns
      case outputTokens = "output_tokens"
    }
  }

  private static func prompt(_ line: String, _ corrupt: (String) -> DataError) throws -> Prompt {
    let fields: Fields
    do {
      fields = try JSONDecoder().decode(Fields.self, from: Data(line.utf8))
    } catch DecodingError.typeMismatch(_, let context) where !context.codingPath.isEmpty {
      throw corrupt("the field '\(context.codingPath[0].stringValue)' holds another type than it should")
    } catch {
      throw corrupt("is no JSON object")
    }
    guard let text = fields.prompt ?? fields.turns?.first, !text.isEmpty else {
      throw corrupt("holds neither a 'prompt' nor 'turns'")
    }
    if let tokens = fields.outputTokens, tokens < 1 { throw corrupt("output_tokens is \(tokens); it is at least 1") }
    let further = fields.prompt == nil ? Array(fields.turns?.dropFirst() ?? []) : []
    guard further.allSatisfy({ !$0.isEmpty }) else { throw corrupt("holds an empty turn") }
    return Prompt(text: text, outputTokens: fields.outputTokens, furtherTurns: further)
  }
}
