internal import Experiments
internal import Generation
internal import RAGPipeline
internal import YAML

/// How passages become prompts: every combination of what a section says of it.
struct PromptGrid: Sendable {
  var templates: [PromptTemplate]
  var limits: [Int]
  var orders: [PassageOrder]
  var duplicates: [DuplicateRule]
  /// nil: as many tokens as the model has room for.
  var budgets: [Int?]

  /// Reads `templates` (presets by name, or files), `top_k`, `order`, `duplicates` and `budget`; mistakes are reported.
  init(_ reader: SpecReader) {
    var templates: [PromptTemplate] = []
    for element in reader.elements("templates") {
      guard let word = element.node.string else {
        element.report("must be a preset's name or a file, not \(element.node.kind)")
        continue
      }
      do {
        let template =
          word.contains("/") || word.contains(".") ? try PromptTemplate(path: word) : try PromptTemplate.named(word)
        if !templates.contains(template) { templates.append(template) }
      } catch {
        element.report("\(error)")
      }
    }
    let usual = RAGOptions()
    self.templates = templates.isEmpty ? [usual.template] : templates
    limits = reader.integers("top_k", in: 1...1000, default: [usual.limit])
    orders = reader.choices("order", default: [usual.order])
    duplicates = reader.choices("duplicates", default: [usual.duplicates])
    budgets = reader.has("budget") ? reader.integers("budget", in: 1...10_000_000, default: [1]).map { $0 } : [nil]
  }

  /// - Parameters:
  ///   - sampling: of every point, with `n` outputs each.
  ///   - n: a point for each.
  func points(_ sampling: SamplingParameters, n: [Int]) -> [RAGOptions] {
    var points: [RAGOptions] = []
    for template in templates {
      for limit in limits {
        for order in orders {
          for rule in duplicates {
            for budget in budgets {
              for count in n {
                var options = RAGOptions()
                options.template = template
                options.limit = limit
                options.order = order
                options.duplicates = rule
                options.budget = budget
                options.sampling = sampling
                options.sampling.n = count
                points.append(options)
              }
            }
          }
        }
      }
    }
    return points
  }

  /// The parts of an id that are turned here: "context-tags" where there are several templates, "top_k=3,n=1", ….
  func idParts(of options: RAGOptions) -> [String] {
    var words = ["top_k=\(options.limit)"]
    if orders.count > 1 { words.append("order=\(options.order.rawValue)") }
    if duplicates.count > 1 { words.append("duplicates=\(options.duplicates.rawValue)") }
    if budgets.count > 1 { words.append("budget=\(options.budget.map { "\($0)" } ?? "none")") }
    words.append("n=\(options.sampling.n)")
    return (templates.count > 1 ? [options.template.name.replacing("/", with: "|")] : []) + [
      words.joined(separator: ",")
    ]
  }

  static func labels(of options: RAGOptions) -> [String: String] {
    var labels = [
      "template": options.template.name, "order": options.order.rawValue, "top_k": "\(options.limit)",
      "duplicates": options.duplicates.rawValue, "n": "\(options.sampling.n)",
      "temperature": LoadChoice.number(Double(options.sampling.temperature)),
    ]
    if let budget = options.budget { labels["budget"] = "\(budget)" }
    if let limit = options.sampling.maxTokens { labels["max_tokens"] = "\(limit)" }
    for (name, value, usual) in [
      ("top_p", options.sampling.topP, Float(1)), ("repetition_penalty", options.sampling.repetitionPenalty, 1),
      ("presence_penalty", options.sampling.presencePenalty, 0),
      ("frequency_penalty", options.sampling.frequencyPenalty, 0),
    ] where value != usual { labels[name] = LoadChoice.number(Double(value)) }
    return labels
  }
}
