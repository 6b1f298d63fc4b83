internal import JSON
internal import Tokenizers

/// A `tokenizer.json` of Hugging Face `tokenizers`: BERT's WordPiece, and byte-level BPE.
///
/// Whatever the file asks for that is not done here is refused by name, never ignored. Its truncation and padding are left
/// aside: they belong to the one who calls.
struct TokenizerJSON {
  let file: ConfigurationFile
  let model: ConfigurationFile
  let added: [AddedToken]

  struct AddedToken {
    var id: Int32
    var content: String
  }

  init(path: String) throws {
    file = try ConfigurationFile(path: path)
    model = try file.object("model")
    added = try Self.addedTokens(file)
  }

  func tokenizer() throws -> any Tokenizer {
    do {
      switch try model.text("type") {
      case "WordPiece": return try wordPiece()
      case "BPE": return try byteLevelBPE()
      case let type: throw model.failure("type", "is \"\(type)\"; read here are WordPiece and BPE")
      }
    } catch let error as TokenizerError {
      throw ModelFileError(path: file.path, reason: error.description)
    }
  }

  private static func addedTokens(_ file: ConfigurationFile) throws -> [AddedToken] {
    guard file.optional("added_tokens") != nil else { return [] }
    return try file.list("added_tokens").enumerated().map { index, value in
      let token = try file.object(value, at: "added_tokens[\(index)]")
      for flag in ["single_word", "lstrip", "rstrip"] where try token.bool(flag, default: false) {
        throw token.failure(flag, "is true, and added tokens are matched as they are spelt here")
      }
      return AddedToken(
        id: Int32(try token.integer("id", in: 0...Int(Int32.max) - 1)), content: try token.text("content"))
    }
  }

  /// The pieces by id, added ones included.
  func pieces() throws -> [String] {
    let vocabulary = try model.object("vocab")
    let count = vocabulary.members.count + added.count
    var pieces = [String?](repeating: nil, count: count)
    for member in vocabulary.members {
      guard let id = member.value.integer, pieces.indices.contains(id) else {
        throw vocabulary.failure(member.name, "has the id \(member.value.kind), and ids run from 0 without gaps")
      }
      guard pieces[id] == nil else {
        throw vocabulary.failure(member.name, "has the id \(id), which '\(pieces[id]!)' has already")
      }
      pieces[id] = member.name
    }
    for token in added {
      guard pieces.indices.contains(Int(token.id)) else {
        throw file.failure("added_tokens", "'\(token.content)' has the id \(token.id), and ids run from 0 without gaps")
      }
      if let held = pieces[Int(token.id)], held != token.content {
        throw file.failure("added_tokens", "'\(token.content)' has the id \(token.id), which '\(held)' has already")
      }
      pieces[Int(token.id)] = token.content
    }
    let filled = pieces.prefix { $0 != nil }.compactMap(\.self)
    guard pieces[filled.count...].allSatisfy({ $0 == nil }) else {
      throw model.failure("vocab", "has no piece of id \(filled.count), and ids run from 0 without gaps")
    }
    return filled
  }

  /// The special tokens that the post-processor puts before and behind a text.
  func surroundings() throws -> (before: [String], behind: [String]) {
    guard file.optional("post_processor") != nil else { return ([], []) }
    return try Self.surroundings(file.object("post_processor"))
  }

  private static func surroundings(_ processor: ConfigurationFile) throws -> (before: [String], behind: [String]) {
    switch try processor.text("type") {
    case "ByteLevel": return ([], [])
    case "BertProcessing":
      func token(_ field: String) throws -> String {
        guard let text = try processor.list(field).first?.string else {
          throw processor.failure(field, "must name a token and its id")
        }
        return text
      }
      return ([try token("cls")], [try token("sep")])
    case "Sequence":
      return try processor.list("processors").enumerated().reduce(into: ([], [])) { result, element in
        let inner = try surroundings(processor.object(element.element, at: "processors[\(element.offset)]"))
        result.0 += inner.before
        result.1 = inner.behind + result.1
      }
    case "TemplateProcessing":
      var before: [String] = []
      var behind: [String] = []
      var hasText = false
      for part in try processor.list("single") {
        if let token = part["SpecialToken"]?["id"]?.string {
          if hasText { behind.append(token) } else { before.append(token) }
        } else {
          hasText = true
        }
      }
      return (before, behind)
    case let type: throw processor.failure("type", "is \"\(type)\", which is not done here")
    }
  }
}
