internal import JSON

extension ServedModel {
  /// The answer of `/v1/models`.
  package static func listing(_ model: ServedModel, embedder: ServedEmbedder?) -> [UInt8] {
    var output = Array(#"{"object":"list","data":["#.utf8)
    append(model.name, model.created, maximum: model.maxModelLength, to: &output)
    if let embedder {
      output.append(UInt8(ascii: ","))
      append(embedder.name, model.created, maximum: embedder.maximumTokens, to: &output)
    }
    output += "]}".utf8
    return output
  }

  private static func append(_ name: String, _ created: Int, maximum: Int?, to output: inout [UInt8]) {
    output += #"{"id":"#.utf8
    JSONText.append(name, to: &output)
    output += #","object":"model","created":"#.utf8
    JSONText.append(created, to: &output)
    output += #","owned_by":"ragmeter","root":"#.utf8
    JSONText.append(name, to: &output)
    output += #","parent":null,"max_model_len":"#.utf8
    if let maximum { JSONText.append(maximum, to: &output) } else { output += "null".utf8 }
    output.append(UInt8(ascii: "}"))
  }

  /// The answer of `/version`.
  package static func versionBody(_ version: String) -> [UInt8] {
    var output = Array(#"{"version":"#.utf8)
    JSONText.append(version, to: &output)
    output.append(UInt8(ascii: "}"))
    return output
  }
}
