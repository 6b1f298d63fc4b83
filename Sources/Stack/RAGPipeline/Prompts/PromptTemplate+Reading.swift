internal import Spelling
internal import YAML

extension PromptTemplate {
  /// A preset by its name, or the file of a path, which holds a slash or ends in `.yml` or `.yaml`.
  ///
  /// - Throws: `RAGError` as `named` and `init(path:)` do.
  public static func read(_ word: String) throws(RAGError) -> PromptTemplate {
    let isPath = word.contains("/") || word.hasSuffix(".yml") || word.hasSuffix(".yaml")
    return isPath ? try PromptTemplate(path: word) : try named(word)
  }

  /// The template of a YAML file: `name` (the file's, if it is not there), `system`, `user`, `passage` (`{{text}}`),
  /// `separator` (an empty line), `agent` (`model` or `pipeline`) and `stop`, a list.
  ///
  /// - Throws: `RAGError` with the line at fault.
  public init(path: String) throws(RAGError) {
    do { self = try Self.read(YAMLNode.load(path: path), path: path) } catch { throw RAGError("\(error)") }
    do { _ = try PromptLayout(self) } catch { throw RAGError("\(path): \(error)") }
  }

  private static func read(_ node: YAMLNode, path: String) throws(YAMLError) -> PromptTemplate {
    let fields = try YAMLFields(node, known: ["name", "system", "user", "passage", "separator", "agent", "stop"])
    func text(_ key: String, _ fallback: String) throws(YAMLError) -> String {
      fields.optional(key) == nil ? fallback : try fields.text(key)
    }
    var template = PromptTemplate(
      name: try text("name", fileName(path)),
      system: fields.optional("system") == nil ? nil : lines(try fields.text("system")),
      user: lines(try fields.text("user")), passage: lines(try text("passage", "{{text}}")),
      separator: try text("separator", "\n\n"))
    if let node = fields.optional("agent") {
      let word = try fields.text("agent")
      template.agent = AgentSearch(rawValue: word)
      guard template.agent != nil else { throw YAMLError(node.place, "agent is model or pipeline, not '\(word)'") }
    }
    if fields.optional("stop") != nil {
      template.stop = try fields.list("stop").map { node throws(YAMLError) in
        guard let text = node.string, !text.isEmpty else {
          throw YAMLError(node.place, "stop holds texts that end an answer, not \(node.kind)")
        }
        return text
      }
    }
    return template
  }

  /// A block without the line end that YAML's `|` leaves.
  private static func lines(_ text: String) -> String { text.last == "\n" ? String(text.dropLast()) : text }

  private static func fileName(_ path: String) -> String {
    let name = path.split(separator: "/").last ?? ""
    return String(name.prefix { $0 != "." })
  }
}
