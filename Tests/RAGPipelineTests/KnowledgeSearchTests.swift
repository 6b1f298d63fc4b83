import RAGPipeline
import Testing

/// What models write when they are to call a tool; forms of Llama 3, Hermes and Qwen among them.
@Suite struct KnowledgeSearchTests {
  @Test(arguments: [
    (#"knowledge_search(query="HNSW parameters")"#, "HNSW parameters"),
    (#"knowledge_search("HNSW parameters")"#, "HNSW parameters"),
    ("knowledge_search('what is M')", "what is M"),
    ("knowledge_search('what's efSearch for')", "what's efSearch for"),
    ("knowledge_search(query=HNSW, memory)", "HNSW, memory"),
    ("knowledge_search(HNSW memory)", "HNSW memory"),
    ("knowledge_search: HNSW memory\nAnswer: none", "HNSW memory"),
    ("I will call `knowledge_search \"graph degree\"` now.", "graph degree"),
    (#"[knowledge_search(query="a \"quoted\" word")]"#, #"a "quoted" word"#),
    (#"<|python_tag|>knowledge_search.call(query="ef")"#, "ef"),
    (#"{"type": "function", "name": "knowledge_search", "parameters": {"query": "ivf lists"}}"#, "ivf lists"),
    (#"<tool_call>{"name": "knowledge_search", "arguments": "{\"query\": \"ivf lists\"}"}</tool_call>"#, "ivf lists"),
    (#"<tool_call>[{"arguments": {"query": "x1"}, "name": "knowledge_search"}]</tool_call>"#, "x1"),
    (#"{"query": "only arguments"}"#, "only arguments"),
    (#"knowledge_search(query="broken off"#, "broken off"),
    (#"{"name": "knowledge_search", "parameters": {"query": "broken off"#, "broken off"),
    ("Sure!\n\nknowledge_search(query = “HNSW”)", "“HNSW”"),
  ])
  func callsAreRead(text: String, query: String) {
    #expect(KnowledgeSearch(parsing: text)?.query == query)
  }

  @Test(arguments: [
    "", "HNSW is a graph.", "knowledge_search", "knowledge_search()", #"knowledge_search(query="...")"#,
    #"knowledge_search(query="")"#, "I would use knowledge_search to find it.", "The query: HNSW", "{}",
    #"{"name": "knowledge_search", "parameters": {}}"#, "{\"name\": \"other\"}", "knowledge_search({",
  ])
  func whatCallsNothingIsNil(text: String) {
    #expect(KnowledgeSearch(parsing: text) == nil)
  }

  /// What agents are told to write is read as what was meant.
  @Test(arguments: 0..<300 as Range<UInt64>) func writtenCallsAreReadBack(seed: UInt64) {
    var random = SeededGenerator(seed)
    let letters = Array("ab1 '\"\\()={}:,<>query\u{E9}\u{1F600}")
    let query = String(
      (0..<Int.random(in: 1...40, using: &random)).map { _ in letters.randomElement(using: &random) ?? "a" })
    let words = "x" + query + "y"
    #expect(KnowledgeSearch(parsing: KnowledgeSearch(query: words).text)?.query == words, "seed \(seed)")
  }

  /// Nothing that a model can write stops the program.
  @Test(arguments: 0..<300 as Range<UInt64>) func anythingIsReadOrNot(seed: UInt64) {
    var random = SeededGenerator(seed)
    let pieces = [
      "knowledge_search", "query", "\"", "\\", "\\\"", "(", ")", "{", "}", ":", "=", " ", "\n", "a", "'", "<",
    ]
    let text = (0..<Int.random(in: 0...30, using: &random)).map { _ in pieces.randomElement(using: &random) ?? "" }
      .joined()
    if let call = KnowledgeSearch(parsing: text) {
      #expect(call.query.contains { $0.isLetter || $0.isNumber }, "seed \(seed)")
    }
  }
}
