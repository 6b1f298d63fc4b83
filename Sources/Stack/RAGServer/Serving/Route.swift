/// What the server answers to.
enum Route: String, CaseIterable {
  case models = "/v1/models"
  case completions = "/v1/completions"
  case chat = "/v1/chat/completions"
  case embeddings = "/v1/embeddings"
  case tokenize = "/tokenize"
  case detokenize = "/detokenize"
  case health = "/health"
  case version = "/version"
  case metrics = "/metrics"

  /// Where Llama Stack of release 0.2 keeps OpenAI's interface.
  static let llamaStackPrefix = "/v1/openai"

  /// Of a path, under Llama Stack's prefix too.
  init?(path: String) {
    if path.hasPrefix(Self.llamaStackPrefix + "/v1/") {
      self.init(rawValue: String(path.dropFirst(Self.llamaStackPrefix.count)))
    } else {
      self.init(rawValue: path)
    }
  }

  var method: String {
    switch self {
    case .models, .health, .version, .metrics: "GET"
    case .completions, .chat, .embeddings, .tokenize, .detokenize: "POST"
    }
  }

  /// A head is asked for like the whole.
  func answers(_ method: String) -> Bool { method == self.method || method == "HEAD" && self.method == "GET" }

  /// Whether it is for those who watch the server, who need no key: as in vLLM.
  var isOpen: Bool { [.health, .version, .metrics].contains(self) }
}
