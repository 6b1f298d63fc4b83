import ModelFiles
import RAGPipeline
import TestFixtures
import Testing

@Suite struct TemplateTests {
  private let folder = TemporaryFolder()

  private func prompt(
    _ template: PromptTemplate, passages: [Passage] = (1...3).map { Passage.numbered($0) },
    order: PassageOrder = .bestLast, history: [ChatMessage] = []
  ) throws -> [ChatMessage] {
    var options = RAGOptions()
    options.template = template
    options.order = order
    return try RAGPipeline(
      retriever: ScriptedRetriever(passages), generator: ScriptedGenerator(), options: options, now: { 0 }
    ).prepare("What is M?", history: history).messages
  }

  @Test(arguments: ["context-tags", "grounded-short", "agent-search:caller=pipeline"])
  func prompts(preset: String) throws {
    let history = [
      ChatMessage(role: "user", content: "Hello"), ChatMessage(role: "assistant", content: "Hello, what is it?"),
    ]
    try expectSnapshot(
      prompt(.named(preset), history: history).transcript, "prompt-\(preset.prefix { $0 != ":" }).txt")
  }

  @Test func presetsAreNamed() throws {
    #expect(PromptTemplate.presets.map(\.name) == ["context-tags", "grounded-short", "agent-search"])
    for preset in PromptTemplate.presets { #expect(try PromptTemplate.named(preset.name) == preset) }
    func mistake(_ word: String) -> String {
      do { return try PromptTemplate.read(word).name } catch { return error.description }
    }
    #expect(mistake("context-tgas").hasSuffix("did you mean 'context-tags'?"))
    #expect(mistake("context-tags:caller=model") == "template 'context-tags' has no parameter 'caller'")
    #expect(mistake("agent-search:by=model") == "template 'agent-search' has no parameter 'by'; it has caller")
    #expect(mistake("agent-search:caller=me").hasPrefix("caller is model or pipeline, not 'me'"))
    #expect(mistake("none.yml") == "none.yml: cannot be opened: No such file or directory")
  }

  /// Whatever stands in passages and questions stays as it is.
  @Test func whatIsFilledInIsNotFilledAgain() throws {
    let template = PromptTemplate(
      name: "t", system: "About {{question}}", user: "{{ context }}|{{question}}",
      passage: "{{number}} {{title}} {{text}}",
      separator: ";")
    let passages = [
      Passage.numbered(1, text: "{{question}} {{number}} {{nonsense}} {{"), .numbered(2, text: "\\1 $1"),
    ]
    #expect(
      try prompt(template, passages: passages, order: .bestFirst) == [
        ChatMessage(role: "system", content: "About What is M?"),
        ChatMessage(
          role: "user",
          content: "1 Title 1 {{question}} {{number}} {{nonsense}} {{;2 docs/d2.md \\1 $1|What is M?"),
      ])
  }

  @Test func filesAreRead() throws {
    let path = try folder.file(
      "mine.yml",
      """
      system: |
        Be brief.
      user: |
        {{context}}

        {{question}}
      passage: "({{number}}) {{text}}"
      separator: "\\n"
      """)
    #expect(
      try PromptTemplate.read(path)
        == PromptTemplate(
          name: "mine", system: "Be brief.", user: "{{context}}\n\n{{question}}", passage: "({{number}}) {{text}}",
          separator: "\n"))
    let agent = try folder.file(
      "agent.yml", "{name: a, system: s, user: '{{context}}', agent: pipeline, stop: [x, '2']}")
    #expect(
      try PromptTemplate(path: agent)
        == PromptTemplate(
          name: "a", system: "s", user: "{{context}}", passage: "{{text}}", separator: "\n\n", agent: .pipeline,
          stop: ["x", "2"]))
  }

  @Test(arguments: [
    ("user: '{{context}}'", "template 'x': user has no {{question}}; write it where it belongs"),
    ("user: '{{question}}'", "template 'x': user has no {{context}}; write it where it belongs"),
    (
      "user: '{{context}} {{qestion}}'",
      "template 'x': user: there is no {{qestion}}; there are {{context}}, {{question}}"
    ),
    ("user: '{{context}} {{question'", "template 'x': user: '{{question' is not closed; write {{NAME}}"),
    (
      "{user: '{{context}} {{question}}', passage: hello}",
      "template 'x': passage has no {{text}}; write it where it belongs"
    ),
    (
      "{user: '{{context}}', system: '{{question}}', agent: model}",
      "template 'x': system: there is no {{question}}; no place belongs here"
    ),
    ("{user: '{{context}} {{question}}', agent: me}", ":1:43: agent is model or pipeline, not 'me'"),
    ("{user: '{{context}} {{question}}', stop: [a, '']}", "stop holds texts that end an answer"),
    ("{user: '{{context}} {{question}}', order: x}", "no key is called 'order'"),
    ("system: x", "'user' is missing"),
    ("user: [a]", "user must be text"),
    ("just words", "a mapping belongs here"),
  ])
  func mistakesOfFilesAreSentences(text: String, sentence: String) throws {
    let path = try folder.file("x.yml", text)
    do {
      _ = try PromptTemplate(path: path)
      Issue.record("'\(text)' was read")
    } catch {
      #expect(error.description.hasPrefix(path) && error.description.contains(sentence), "\(error)")
    }
  }
}
