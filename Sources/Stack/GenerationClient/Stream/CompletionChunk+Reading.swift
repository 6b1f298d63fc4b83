package import JSON

extension CompletionChunk {
  /// Reads the JSON of an event or of an answer, in one pass; without texts nothing is allocated.
  ///
  /// Unknown members are passed over. Where two have the same name the last one counts.
  /// - Throws: `JSONError` for a text that is no JSON, and for members that are of another kind than OpenAI's API says.
  package mutating func read(_ bytes: UnsafeRawBufferPointer, keepsText: Bool) throws(JSONError) {
    clear()
    var cursor = JSONCursor(bytes)
    try cursor.openObject()
    var isFirst = true
    while try cursor.nextMember(&isFirst) {
      if cursor.isNamed("choices") {
        try readChoices(&cursor, keepsText: keepsText)
      } else if cursor.isNamed("usage") {
        try readUsage(&cursor)
      } else if cursor.isNamed("error") {
        try readError(&cursor)
      } else if cursor.isNamed("detail"), try cursor.kind() == .string {
        // Servers that stand on FastAPI, vLLM's and Llama Stack among them, explain a refusal so.
        error = try cursor.string()
      } else {
        try cursor.skip()
      }
    }
    try cursor.end()
  }

  private mutating func readChoices(_ cursor: inout JSONCursor, keepsText: Bool) throws(JSONError) {
    guard try !cursor.takeNull() else { return }
    choices.removeAll(keepingCapacity: true)
    try cursor.openList()
    var isFirst = true
    while try cursor.nextElement(&isFirst) {
      var choice = Choice()
      choice.index = choices.count
      try choice.read(&cursor, keepsText: keepsText)
      choices.append(choice)
    }
  }

  private mutating func readUsage(_ cursor: inout JSONCursor) throws(JSONError) {
    guard try !cursor.takeNull() else { return }
    var usage = Usage()
    try cursor.openObject()
    var isFirst = true
    while try cursor.nextMember(&isFirst) {
      if cursor.isNamed("prompt_tokens") {
        usage.promptTokens = try cursor.count()
      } else if cursor.isNamed("completion_tokens") {
        usage.completionTokens = try cursor.count()
      } else if cursor.isNamed("prompt_tokens_details"), try cursor.kind() == .object {
        try cursor.openObject()
        var isFirstDetail = true
        while try cursor.nextMember(&isFirstDetail) {
          if cursor.isNamed("cached_tokens") { usage.cachedTokens = try cursor.count() } else { try cursor.skip() }
        }
      } else {
        try cursor.skip()
      }
    }
    self.usage = usage
  }

  /// What is said of an error without a message.
  package static let unexplained = "an error without a message"

  /// OpenAI's is an object with a message, TGI's a text.
  private mutating func readError(_ cursor: inout JSONCursor) throws(JSONError) {
    guard try !cursor.takeNull() else { return }
    if try cursor.kind() == .string {
      error = try cursor.string()
      return
    }
    error = Self.unexplained
    try cursor.openObject()
    var isFirst = true
    while try cursor.nextMember(&isFirst) {
      if cursor.isNamed("message"), try cursor.kind() == .string {
        error = try cursor.string()
      } else {
        try cursor.skip()
      }
    }
  }
}

extension CompletionChunk.Choice {
  fileprivate mutating func read(_ cursor: inout JSONCursor, keepsText: Bool) throws(JSONError) {
    try cursor.openObject()
    var isFirst = true
    while try cursor.nextMember(&isFirst) {
      if cursor.isNamed("text") {
        try readText(&cursor, keepsText: keepsText)
      } else if cursor.isNamed("index") {
        if try !cursor.takeNull() { index = try cursor.count() ?? -1 }
      } else if cursor.isNamed("delta") || cursor.isNamed("message") {
        try readDelta(&cursor, keepsText: keepsText)
      } else if cursor.isNamed("finish_reason") {
        if try !cursor.takeNull() { finishReason = try cursor.string() }
      } else if cursor.isNamed("token_ids") {
        try readTokens(&cursor, keepsText: keepsText)
      } else {
        try cursor.skip()
      }
    }
  }

  private mutating func readDelta(_ cursor: inout JSONCursor, keepsText: Bool) throws(JSONError) {
    guard try !cursor.takeNull() else { return }
    try cursor.openObject()
    var isFirst = true
    while try cursor.nextMember(&isFirst) {
      if cursor.isNamed("content") {
        try readText(&cursor, keepsText: keepsText)
      } else if cursor.isNamed("reasoning_content") || cursor.isNamed("reasoning") || cursor.isNamed("refusal") {
        if try cursor.kind() == .string {
          if try !cursor.skipString() { hasText = true }
        } else {
          try cursor.skip()
        }
      } else if cursor.isNamed("tool_calls"), try cursor.kind() == .list {
        try cursor.openList()
        var isFirstCall = true
        while try cursor.nextElement(&isFirstCall) {
          hasText = true
          try cursor.skip()
        }
      } else if cursor.isNamed("token_id"), try cursor.kind() == .number {
        // Together tells the one token of a chunk so.
        let id = try cursor.count()
        tokenCount = 1
        if keepsText, let id = id.flatMap(Int32.init(exactly:)) { tokenIDs = [id] }
      } else {
        try cursor.skip()
      }
    }
  }

  private mutating func readText(_ cursor: inout JSONCursor, keepsText: Bool) throws(JSONError) {
    guard try !cursor.takeNull() else { return }
    if keepsText {
      text = try cursor.string()
      if !text.isEmpty { hasText = true }
    } else if try !cursor.skipString() {
      hasText = true
    }
  }

  private mutating func readTokens(_ cursor: inout JSONCursor, keepsText: Bool) throws(JSONError) {
    guard try !cursor.takeNull() else { return }
    var count = 0
    try cursor.openList()
    var isFirst = true
    while try cursor.nextElement(&isFirst) {
      let id = try cursor.count()
      count += 1
      if keepsText, let id = id.flatMap(Int32.init(exactly:)) { tokenIDs.append(id) }
    }
    tokenCount = count
  }
}

extension JSONCursor {
  /// A number of things; nil: null, or no whole number.
  fileprivate mutating func count() throws(JSONError) -> Int? { try takeNull() ? nil : integer() }
}
