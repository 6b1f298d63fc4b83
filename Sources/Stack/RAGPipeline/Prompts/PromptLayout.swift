internal import ModelFiles

/// A template that was checked, and makes conversations.
struct PromptLayout: Sendable {
  private let template: PromptTemplate
  private let system: TemplateText?
  private let user: TemplateText
  private let passage: TemplateText

  /// - Throws: `RAGError` for a place that is unknown, or missing: the passages', the question's and their text's.
  init(_ template: PromptTemplate) throws(RAGError) {
    func text(_ text: String, _ field: String, _ places: [TemplateText.Place]) throws(RAGError) -> TemplateText {
      try TemplateText(text, field: "template '\(template.name)': \(field)", places: places)
    }
    self.template = template
    // An agent is told of its tool before there are passages.
    let places: [TemplateText.Place] = template.agent == nil ? [.context, .question] : []
    if let words = template.system { system = try text(words, "system", places) } else { system = nil }
    user = try text(template.user, "user", [.context, .question])
    passage = try text(template.passage, "passage", [.number, .source, .title, .text])
    func require(_ place: TemplateText.Place, _ isThere: Bool, _ field: String) throws(RAGError) {
      guard !isThere else { return }
      throw RAGError("template '\(template.name)': \(field) has no {{\(place.rawValue)}}; write it where it belongs")
    }
    func inMessages(_ place: TemplateText.Place) -> Bool { user.has(place) || system?.has(place) == true }
    try require(.context, inMessages(.context), "user")
    try require(.question, template.agent != nil || inMessages(.question), "user")
    try require(.text, passage.has(.text), "passage")
  }

  /// The conversation in which the model answers.
  ///
  /// - Parameter sources: the best first; number 1 is the first, wherever it stands.
  func messages(
    question: String, query: String, history: [ChatMessage], sources: [Passage], order: PassageOrder
  ) -> [ChatMessage] {
    let context = order.arranged(sources.indices.map { passage(sources[$0], number: $0 + 1) })
      .joined(separator: template.separator)
    let value = { (place: TemplateText.Place) in place == .context ? context : question }
    let system = system.map { [ChatMessage(role: "system", content: $0.filled(value))] } ?? []
    let last = ChatMessage(role: "user", content: user.filled(value))
    guard template.agent != nil else { return system + history + [last] }
    let call = ChatMessage(role: "assistant", content: KnowledgeSearch(query: query).text)
    return planning(question: question, history: history) + [call, last]
  }

  /// The conversation in which an agent's model says what to search for: the beginning of that in which it answers, so that a
  /// prefix cache has it already.
  func planning(question: String, history: [ChatMessage]) -> [ChatMessage] {
    let system = system.map { [ChatMessage(role: "system", content: $0.filled { _ in "" })] } ?? []
    return system + history + [ChatMessage(role: "user", content: question)]
  }

  private func passage(_ source: Passage, number: Int) -> String {
    passage.filled { place in
      switch place {
      case .number: "\(number)"
      case .source: source.source
      case .title: source.title ?? source.source
      case .text: source.text
      case .context, .question: ""
      }
    }
  }
}
