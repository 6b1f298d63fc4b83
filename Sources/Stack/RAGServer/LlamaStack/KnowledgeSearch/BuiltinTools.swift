internal import JSON

/// The tools that there are: those of the group `builtin::rag`.
enum BuiltinTools {
  static let group = "builtin::rag"
  static let search = "knowledge_search"

  private static let tools: [(name: String, description: String, parameters: [JSONValue])] = [
    ("insert_into_memory", "Insert documents into memory", []),
    (
      search, "Search for information in a database.",
      [
        .fields([
          "name": .string("query"), "parameter_type": .string("string"),
          "description": .string("The query to search for. Can be a natural language sentence or keywords."),
          "required": .bool(true), "default": .null,
        ])
      ]
    ),
  ]

  static func toolGroup(provider: String) -> JSONValue {
    .fields([
      "identifier": .string(group), "provider_resource_id": .string(group), "provider_id": .string(provider),
      "type": .string("tool_group"), "mcp_endpoint": .null, "args": .null,
    ])
  }

  /// Of `/v1/tools`.
  static func listing(provider: String) -> [JSONValue] {
    tools.map {
      .fields([
        "identifier": .string($0.name), "provider_resource_id": .null, "provider_id": .string(provider),
        "type": .string("tool"), "toolgroup_id": .string(group), "description": .string($0.description),
        "parameters": .array($0.parameters), "metadata": .null,
      ])
    }
  }

  /// Of `/v1/tool-runtime/list-tools`.
  static var definitions: [JSONValue] {
    tools.map {
      .fields([
        "name": .string($0.name), "description": .string($0.description),
        "parameters": $0.parameters.isEmpty ? .null : .array($0.parameters), "metadata": .null,
      ])
    }
  }
}
