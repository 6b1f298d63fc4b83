internal import Files
internal import Foundation
internal import HTTP

/// Requests to `/v1/embeddings`, and their repetition.
struct OpenAIClient: Sendable {
  let url: String
  let model: String
  private let dimensions: Int?
  private let encoding: Encoding
  private let headers: [String]
  private let retries: RetryPolicy

  /// How numbers travel: base64 of little-endian floats takes a third of the bytes of decimal digits.
  private enum Encoding: String, CaseIterable { case float, base64 }

  private struct Request: Encodable {
    var model: String
    var input: [String]
    var encodingFormat: String
    var dimensions: Int?

    enum CodingKeys: String, CodingKey {
      case model, input, dimensions
      case encodingFormat = "encoding_format"
    }
  }

  init(_ specification: EmbedderSpecification, environment: [String: String], retries: RetryPolicy) throws {
    guard let base = specification.parameters["url"], let model = specification.parameters["model"] else {
      throw EmbedderError("'openai' needs url and model: openai:url=http://127.0.0.1:8000/v1,model=NAME")
    }
    guard base.hasPrefix("http://") || base.hasPrefix("https://") else {
      throw EmbedderError("url of 'openai' begins with http:// or https://, as '\(base)' does not")
    }
    let trimmed = String(base.reversed().drop { $0 == "/" }.reversed())
    url = trimmed.hasSuffix("/embeddings") ? trimmed : "\(trimmed)/embeddings"
    self.model = model
    self.retries = retries
    dimensions =
      specification.parameters["dimensions"] == nil
      ? nil : try specification.integer("dimensions", in: 1...65_536, default: 1)
    encoding = try specification.choice("encoding", default: .base64)
    let variable = specification.parameters["key_env"] ?? "OPENAI_API_KEY"
    let key = environment[variable]?.trimmingCharacters(in: .whitespacesAndNewlines) ?? ""
    guard !key.isEmpty || specification.parameters["key_env"] == nil else {
      throw EmbedderError("the environment has no variable \(variable), which key_env names")
    }
    headers = ["Content-Type: application/json"] + (key.isEmpty ? [] : ["Authorization: Bearer \(key)"])
  }

  /// Embeddings in the order of the texts, and the tokens that the service counted.
  func embeddings(of texts: [String]) throws -> OpenAIAnswer {
    // Services refuse an empty text, though a space is none the wiser.
    let request = Request(
      model: model, input: texts.map { $0.isEmpty ? " " : $0 }, encodingFormat: encoding.rawValue,
      dimensions: dimensions)
    let response = try send(Array(JSONEncoder().encode(request)))
    return try OpenAIAnswer(response.body, count: texts.count, url: url)
  }

  private func send(_ body: [UInt8]) throws -> HTTPResponse {
    var attempt = 0
    while true {
      attempt += 1
      var reason = ""
      var asked: Double?
      do {
        let response = try HTTPResponse.post(url, body: body, headers: headers, limit: 1 << 30, patience: 600)
        if (200..<300).contains(response.status) { return response }
        let problem = OpenAIAnswer.problem(response.body)
        reason = "HTTP status \(response.status)\(problem.message.map { ": \($0)" } ?? "")"
        // Waiting does not fill an account.
        guard Backoff.isTransient(response.status), problem.code != "insufficient_quota" else {
          throw EmbedderError("\(url): \(reason)")
        }
        asked = response.headers["retry-after"].flatMap { HTTPDate.seconds(until: $0, from: HTTPDate.now()) }
      } catch let error as DataError {
        reason = error.description
      }
      guard let delay = retries.delay(attempt: attempt, asked: asked) else {
        let wish = asked.map { ", and asks to wait \(Int($0)) s" } ?? ""
        throw EmbedderError("\(url) did not answer in \(attempt) attempts: \(reason)\(wish)")
      }
      retries.sleep(delay)
    }
  }
}
