/// What a question goes through, in its order, and how it is drawn.
enum RagStage: String, CaseIterable, Sendable {
  case plan, embed, search, arrange, prompt, decode
  case firstToken = "first_token"

  /// In the order of their beginnings.
  static let allCases: [RagStage] = [.plan, .embed, .search, .arrange, .prompt, .firstToken, .decode]

  var title: String { rawValue.replacing("_", with: " ") }

  var p50: String { "stage_\(rawValue)_p50" }
  var p99: String { "stage_\(rawValue)_p99" }
  var start: String { "stage_\(rawValue)_start_p50" }

  /// Those that are neighbours are far apart in colour.
  var color: String {
    switch self {
    case .plan: "#882255"
    case .embed: "#E69F00"
    case .search: "#0072B2"
    case .arrange: "#CC79A7"
    case .prompt: "#009E73"
    case .firstToken: "#D55E00"
    case .decode: "#56B4E9"
    }
  }

  /// Of a whole that nobody tells the stages of.
  static let untoldColor = "#777777"
}
