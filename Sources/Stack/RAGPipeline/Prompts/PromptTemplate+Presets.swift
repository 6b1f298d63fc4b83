internal import Spelling

extension PromptTemplate {
  /// By name: `context-tags`, `grounded-short`, `agent-search`.
  public static let presets = [contextTags, groundedShort, agentSearch]

  /// A preset by its name; `agent-search:caller=pipeline` lets the pipeline search instead of the model.
  ///
  /// - Throws: `RAGError` with the presets that there are.
  public static func named(_ word: String) throws(RAGError) -> PromptTemplate {
    let text: SpecificationText
    do { text = try SpecificationText(word) } catch { throw RAGError("no template: \(error)") }
    guard var preset = presets.first(where: { $0.name == text.kind }) else {
      throw RAGError(
        "no template is called '\(text.kind)', and the path of one ends in .yml or holds a slash; "
          + Spelling.hint(for: text.kind, among: presets.map(\.name)))
    }
    for (name, value) in text.parameters {
      guard preset.agent != nil, name == "caller" else {
        throw RAGError(
          "template '\(preset.name)' has no parameter '\(name)'\(preset.agent == nil ? "" : "; it has caller")")
      }
      guard let caller = AgentSearch(rawValue: value) else {
        let known = AgentSearch.allCases.map(\.rawValue)
        throw RAGError("caller is model or pipeline, not '\(value)'; \(Spelling.hint(for: value, among: known))")
      }
      preset.agent = caller
      if caller == .pipeline { preset.name = word }
    }
    return preset
  }

  /// Passages and question in tags, as the tutorial of Milvus with Lepton asks.
  static let contextTags = PromptTemplate(
    name: "context-tags",
    system: "You are an AI assistant that answers questions from passages which it is given.",
    user: """
      Use the passages between the <context> tags to answer the question between the <question> tags.
      <context>
      {{context}}
      </context>
      <question>
      {{question}}
      </question>
      """,
    passage: "{{text}}", separator: "\n\n", stop: ["</context>"])

  /// Relevance first, a short answer, and what it rests on, as the tutorial of Milvus with vLLM asks.
  static let groundedShort = PromptTemplate(
    name: "grounded-short",
    system: """
      First judge whether the sources have to do with the question. If they have not, say that you cannot answer from them. \
      If they have, answer in fewer than two sentences with what the sources say and nothing else. Then write "Sources:" \
      and list the numbers of the sources that your answer rests on, as in [1].
      """,
    user: """
      Sources:
      {{context}}

      Question: {{question}}
      """,
    passage: "[{{number}}] {{text}}", separator: "\n\n")

  /// A tool that finds passages, as Llama Stack's agents have it.
  static let agentSearch = PromptTemplate(
    name: "agent-search",
    system: """
      You have a tool that finds passages in a collection of documents. To call it, write one line and nothing else:
      knowledge_search(query="...")
      Call it before you answer a question. When you have its results, answer the question from them.
      """,
    user: """
      knowledge_search has found:
      {{context}}
      These are all the results. Use them to answer the question: {{question}}
      """,
    passage: "Result {{number}} of {{source}}:\n{{text}}", separator: "\n\n", agent: .model)
}
