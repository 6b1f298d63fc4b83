import Foundation

/// One request of a captured conversation, with the answer that it got.
package struct ReplayedExchange: Sendable {
  package var method: String
  /// With its query.
  package var path: String
  package var authorization: String?
  /// nil: any.
  package var requestBody: String?
  package var status: Int
  package var contentType: String
  package var body: String

  package init(
    _ method: String, _ path: String, authorization: String? = nil, request: String? = "", status: Int = 200,
    contentType: String = "application/json", body: String
  ) {
    self.method = method
    self.path = path
    self.authorization = authorization
    requestBody = request
    self.status = status
    self.contentType = contentType
    self.body = body
  }

  /// Whether this is what was asked then: the same method, path and key, and the same body, as JSON where it is JSON.
  package func matches(_ request: LoopbackServer.Request, anyBody: Bool) -> Bool {
    guard request.method == method, request.path == path, request.field("authorization") == authorization else {
      return false
    }
    guard !anyBody, let requestBody else { return true }
    return Self.canonical(Data(request.body)) == Self.canonical(Data(requestBody.utf8))
  }

  /// The same for texts that mean the same; numbers compare as doubles of single precision, in which vectors are kept.
  private static func canonical(_ data: Data) -> NSObject {
    let value = try? JSONSerialization.jsonObject(with: data, options: .fragmentsAllowed)
    return value.map(single) ?? data as NSData
  }

  private static func single(_ value: Any) -> NSObject {
    switch value {
    case let list as [Any]: return list.map(single) as NSArray
    case let members as [String: Any]: return members.mapValues(single) as NSDictionary
    case let number as NSNumber:
      guard number.doubleValue != number.doubleValue.rounded() else { return number }
      return NSNumber(value: Float(number.doubleValue))
    default: return value as? NSObject ?? NSNull()
    }
  }
}

extension LoopbackServer.Request {
  package var method: String { String(head.prefix { $0 != " " }) }
}

/// Captured conversations, as the reference folder has them.
package enum ReplayTranscript {
  package struct Mistake: Error, CustomStringConvertible {
    package let description: String
  }

  /// Reads a file of `RAGMETER_REFERENCE`; nil, with a word about it, where that is not set.
  package static func reference(_ path: String) throws -> [ReplayedExchange]? {
    guard let folder = ProcessInfo.processInfo.environment["RAGMETER_REFERENCE"] else {
      print("skipped: \(path) is not replayed, for RAGMETER_REFERENCE names no folder of captured traffic")
      return nil
    }
    let text = try String(contentsOfFile: "\(folder)/\(path)", encoding: .utf8)
    return try path.hasSuffix(".jsonl") ? wire(text) : plain(text)
  }

  /// `>>> METHOD PATH BODY`, the answer, `[http STATUS ct=TYPE t=SECONDS]`, again and again. Behind the body may stand what curl was
  /// told of the key: `-H Authorization: Bearer KEY`, `-u NAME:PASSWORD`.
  package static func plain(_ text: String) throws -> [ReplayedExchange] {
    var exchanges: [ReplayedExchange] = []
    var request: ReplayedExchange?
    var answer: [Substring] = []
    for line in text.split(separator: "\n", omittingEmptySubsequences: false) {
      if line.hasPrefix(">>> ") {
        request = exchange(line.dropFirst(4))
        answer = []
      } else if line.hasPrefix("[http "), var whole = request {
        let words = line.dropFirst().dropLast().split(separator: " ")
        guard words.count > 1, let status = Int(words[1]) else { throw Mistake(description: "no status: \(line)") }
        whole.status = status
        whole.contentType =
          line.firstRange(of: "ct=").map { line[$0.upperBound...].prefix { $0 != " " && $0 != ";" } }.map(String.init)
          ?? "application/json"
        whole.body = answer.joined(separator: "\n")
        exchanges.append(whole)
        request = nil
      } else {
        answer.append(line)
      }
    }
    return exchanges
  }

  private static func exchange(_ line: Substring) -> ReplayedExchange? {
    var line = line
    var authorization: String?
    if let option = line.range(of: " -H Authorization: ") {
      authorization = String(line[option.upperBound...])
      line = line[..<option.lowerBound]
    } else if let option = line.range(of: " -u ", options: .backwards), !line[option.upperBound...].contains("\"") {
      authorization = "Basic \(Data(line[option.upperBound...].utf8).base64EncodedString())"
      line = line[..<option.lowerBound]
    }
    let parts = line.split(separator: " ", maxSplits: 2)
    // What was sent in another way than curl's -d is told in words.
    guard parts.count > 1, parts[1].hasPrefix("/") else { return nil }
    let body = parts.count > 2 ? parts[2].trimmingCharacters(in: .whitespaces) : ""
    return ReplayedExchange(String(parts[0]), String(parts[1]), authorization: authorization, request: body, body: "")
  }

  /// A JSON object a line: `method`, `path`, `req_body`, `status`, `resp_headers`, `resp_body`.
  package static func wire(_ text: String) throws -> [ReplayedExchange] {
    try text.split(separator: "\n").map { line in
      guard let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any],
        let method = object["method"] as? String, let path = object["path"] as? String,
        let status = object["status"] as? Int
      else { throw Mistake(description: "no exchange: \(line.prefix(100))") }
      let headers = object["resp_headers"] as? [String: String] ?? [:]
      return ReplayedExchange(
        method, path, request: object["req_body"] as? String ?? "", status: status,
        contentType: headers["content-type"] ?? "application/json", body: object["resp_body"] as? String ?? "")
    }
  }
}
