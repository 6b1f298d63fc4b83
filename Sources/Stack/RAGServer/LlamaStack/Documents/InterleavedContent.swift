internal import JSON

/// Llama Stack's content of messages and chunks: a text, an item, or a list of items.
enum InterleavedContent {
  /// The texts, joined by spaces, as its own prompts join them.
  ///
  /// - Throws: `APIError` for an image, which no model here sees, and anything else that is no text.
  static func text(_ value: JSONValue?, at place: String) throws(APIError) -> String {
    guard let value else { throw .malformed("\(place) is missing", place) }
    if let text = value.string { return text }
    if let list = value.array {
      var texts: [String] = []
      for (index, item) in list.enumerated() { texts.append(try text(item, at: "\(place).\(index)")) }
      return texts.joined(separator: " ")
    }
    guard value["type"]?.string == "text", let text = value["text"]?.string else {
      let type = value["type"]?.string
      throw type == nil
        ? .malformed(
          "\(place) should be a text, an item of the type `text`, or a list of these, not \(value.kind)", place)
        : .badRequest("\(place) is of the type `\(type ?? "")`, and only text is read here.", place)
    }
    return text
  }
}
