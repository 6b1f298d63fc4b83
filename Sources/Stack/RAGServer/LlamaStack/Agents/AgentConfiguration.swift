internal import Generation
internal import JSON

/// What a client wants an agent to be.
struct AgentConfiguration: Sendable {
  let model: String
  let instructions: String
  let sampling: SamplingParameters
  /// Nil for an agent without `knowledge_search`.
  let knowledge: AgentKnowledge?
  /// As it came, for those who ask.
  let json: JSONValue

  /// - Parameter served: the language model's name.
  /// - Throws: `APIError` for another model, and for what this server would have to leave out: shields, tools of the client, tool
  ///   groups other than `builtin::rag`, formats of answers.
  init(_ value: JSONValue?, served: String, maxTokens: Int) throws(APIError) {
    let place = "agent_config"
    guard let value, value.object != nil else {
      throw .malformed("agent_config should be an object, not \(value?.kind ?? "absent")", place)
    }
    guard let model = value["model"]?.string else {
      throw .malformed("agent_config.model should be a text", "\(place).model")
    }
    guard model == served else {
      throw .badRequest("Model '\(model)' not found; the language model here is '\(served)'.", "\(place).model")
    }
    for name in ["client_tools", "input_shields", "output_shields"] {
      if let list = value[name], !list.isNull, list.array?.isEmpty != true { throw .unsupported("\(place).\(name)") }
    }
    if let format = value["response_format"], !format.isNull { throw .unsupported("\(place).response_format") }
    self.model = model
    instructions = value["instructions"]?.string ?? ""
    sampling = try StackSampling.read(value["sampling_params"], at: "\(place).sampling_params", maxTokens: maxTokens)
    let choice = value["tool_config"]?["tool_choice"] ?? value["tool_choice"]
    let knowledge = try AgentKnowledge(value["toolgroups"], at: "\(place).toolgroups")
    self.knowledge = choice?.string == "none" ? nil : knowledge
    json = value
  }
}

/// The databases that an agent searches.
struct AgentKnowledge: Sendable {
  let databases: [String]
  let query: KnowledgeQuery

  /// Of a list of tool groups, each a name or `{"name", "args"}`; nil for an empty one.
  init?(_ value: JSONValue?, at place: String) throws(APIError) {
    guard let value, !value.isNull else { return nil }
    guard let list = value.array else { throw .malformed("\(place) should be a list, not \(value.kind)", place) }
    var databases: [String] = []
    var query = KnowledgeQuery()
    for (index, group) in list.enumerated() {
      let here = "\(place).\(index)"
      guard let name = group.string ?? group["name"]?.string else {
        throw .malformed("\(here) should be the name of a tool group, or an object with a name", here)
      }
      guard name == BuiltinTools.group || name == "\(BuiltinTools.group)/\(BuiltinTools.search)" else {
        throw .badRequest("No tool group is called '\(name)'; there is '\(BuiltinTools.group)'.", here)
      }
      let arguments = group["args"]
      if let ids = arguments?["vector_db_ids"] { databases += try Self.names(ids, at: "\(here).args.vector_db_ids") }
      if let config = arguments?["query_config"] {
        query = try KnowledgeQuery(config, at: "\(here).args.query_config")
      }
    }
    guard !list.isEmpty else { return nil }
    self.databases = databases
    self.query = query
  }

  static func names(_ value: JSONValue, at place: String) throws(APIError) -> [String] {
    guard let names = value.array?.all(\.string) else { throw .malformed("\(place) should be a list of texts", place) }
    return names
  }
}
