import Foundation
import JSON
import RAGServer

/// A request to a real vLLM server and what it answered: `RAGMETER_REFERENCE/vllm/*.txt`, as curl printed it.
struct Transcript {
  static let folder = ProcessInfo.processInfo.environment["RAGMETER_REFERENCE"].map { "\($0)/vllm" }
  static var isPresent: Bool { folder != nil }

  var name: String
  var path: String
  /// Nil where it was read from a file that was not kept.
  var request: String?
  var status: Int
  var body: String

  var endpoint: GenerationCall.Endpoint { path.hasSuffix("/chat/completions") ? .chat : .completions }

  init(_ name: String) throws {
    self.name = name
    let text = try String(contentsOfFile: "\(Self.folder ?? "")/\(name).txt", encoding: .utf8)
    let lines = text.replacingOccurrences(of: "\r\n", with: "\n").components(separatedBy: "\n")
    path =
      lines[0].split(separator: " ").first { $0.hasPrefix("http://") }
      .map { String($0.drop { $0 != "/" }.dropFirst(2).drop { $0 != "/" }) } ?? ""
    request = lines[0].range(of: " -d {").map { "{" + lines[0][$0.upperBound...] }
    status = lines[1].split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    let start = lines.firstIndex(of: "").map { $0 + 1 } ?? lines.count
    body = lines[start...].filter { !$0.hasPrefix("# time_total") }.joined(separator: "\n")
  }

  func json() throws -> JSONValue { try JSONValue.parse(body) }

  func events() throws -> [JSONValue] { try serverSentEvents(body) }
}

/// The JSON of each event, `[DONE]` left out; it must be the last.
func serverSentEvents(_ text: String) throws -> [JSONValue] {
  let events = text.components(separatedBy: "\n\n").map { $0.trimmingCharacters(in: .newlines) }.filter { !$0.isEmpty }
  struct Broken: Error { var event: String }
  guard events.last == "data: [DONE]" else { throw Broken(event: events.last ?? "") }
  return try events.dropLast().map { event in
    guard event.hasPrefix("data: "), !event.contains("\n") else { throw Broken(event: event) }
    return try JSONValue.parse(String(event.dropFirst(6)))
  }
}

extension JSONValue {
  var keys: Set<String> { Set((object ?? []).map(\.name)) }

  /// The element of a list.
  subscript(index: Int) -> JSONValue? { array.flatMap { $0.indices.contains(index) ? $0[index] : nil } }
}
