internal import HTTP
internal import JSON

/// A model that a server offers.
public struct ListedModel: Sendable, Hashable {
  public var id: String
  /// `max_model_len`; nil: the server does not tell.
  public var maxModelLength: Int?

  public init(id: String, maxModelLength: Int? = nil) {
    self.id = id
    self.maxModelLength = maxModelLength
  }
}

/// What a server tells beside completions.
extension CompletionClient {
  /// What `GET /v1/models` lists, in its order.
  ///
  /// - Parameter done: called once, on the loop's thread.
  package func models(_ done: @escaping (Result<[ListedModel], RequestFailure>) -> Void) {
    ask(HTTPRequest(url: "\(server.baseURL)/models", headers: headers), done) { answer in
      // Together answers with the list itself.
      let list = answer["data"]?.array ?? answer.array
      return list?.compactMap { model in
        model["id"]?.string.map { ListedModel(id: $0, maxModelLength: model["max_model_len"]?.integer) }
      }
    }
  }

  /// The token ids of a text, without special tokens; nil: the server does not tell any.
  ///
  /// - Parameter done: called once, on the loop's thread.
  package func tokenize(_ text: String, _ done: @escaping (Result<[Int32]?, RequestFailure>) -> Void) {
    guard let form = server.quirks.tokenizer else {
      _ = loop.at(loop.now) { done(.success(nil)) }
      return
    }
    var writer = RequestWriter(quirks: server.quirks)
    if let model, form == .prompt { writer.add("model", model) }
    writer.add(form.rawValue, text)
    writer.add(form == .content ? "add_special" : "add_special_tokens", false)
    let request = HTTPRequest(url: "\(server.root)/tokenize", headers: headers, body: writer.finished())
    ask(request, done) { answer -> [Int32]?? in
      let list = answer["tokens"]?.array ?? answer.array
      let ids = list?.compactMap { ($0.integer ?? $0["id"]?.integer).flatMap(Int32.init(exactly:)) }
      return ids.map { .some($0) }
    }
  }

  private func ask<Answer>(
    _ request: HTTPRequest, _ done: @escaping (Result<Answer, RequestFailure>) -> Void,
    read: @escaping (JSONValue) -> Answer?
  ) {
    var request = request
    request.connectTimeout = options.connectTimeout
    let url = request.url
    loop.fetch(request, limit: options.longestAnswer, patience: options.firstTokenTimeout) { [self] result in
      switch result {
      case .failure(let failure):
        done(.failure(RequestFailure(RequestFailure.Kind(failure.kind), "\(url): \(failure)")))
      case .success(let response) where response.status != 200:
        let words = redacted(String(decoding: response.body.prefix(300), as: UTF8.self))
        done(
          .failure(
            RequestFailure(.http, "\(url): HTTP status \(response.status): \(words)", httpStatus: response.status)))
      case .success(let response):
        let value = response.body.withUnsafeBytes { try? JSONValue.parse($0) }
        if let answer = value.flatMap(read) { return done(.success(answer)) }
        done(.failure(RequestFailure(.malformed, "\(url) did not answer with the JSON that was agreed")))
      }
    }
  }
}

extension RequestFailure.Kind {
  init(_ kind: TransferFailure.Kind) {
    switch kind {
    case .refused: self = .refused
    case .reset: self = .reset
    case .timeout: self = .timeout
    case .short: self = .truncated
    case .malformed: self = .malformed
    case .other: self = .other
    }
  }
}
