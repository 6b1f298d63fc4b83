/// What Llama Stack's answers and events say when something is wrong.
package enum LlamaStackAnswer {
  /// The body of a success.
  ///
  /// - Throws: `VectorStoreError.remote` with the server's own words for any other status, and for what is no JSON.
  package static func value(_ answer: RemoteAnswer) throws(VectorStoreError) -> FieldValue {
    let value = try answer.value()
    guard !answer.isSuccess else { return value }
    let words = words(value) ?? answer.excerpt
    if answer.status == 404, words == "Not Found" {
      throw answer.failure("is no route there (HTTP status 404); Llama Stack has it in its releases 0.2")
    }
    let hint = words.contains("An unexpected error occurred") ? "; the server's log says which" : ""
    throw answer.failure("was answered with HTTP status \(answer.status): \(words)\(hint)")
  }

  /// The server's words in the body of a refusal, or in an event of a stream; nil where it has none.
  ///
  /// `{"detail": "…"}`, `{"error": {"detail": {"errors": [{"loc": […], "msg": "…"}]}}}`, `{"error": {"message": "…"}}`.
  package static func words(_ value: FieldValue) -> String? {
    if let detail = value["detail"]?.string { return detail }
    guard let error = value["error"] else { return nil }
    if let message = error["message"]?.string ?? error["detail"]?.string ?? error.string { return message }
    let mistakes = error["detail"]?["errors"]?.array?.compactMap { mistake -> String? in
      guard let reason = mistake["msg"]?.string else { return nil }
      let place = mistake["loc"]?.array?.map { $0.string ?? $0.json }.joined(separator: ".") ?? ""
      return place.isEmpty ? reason : "\(place): \(reason)"
    }
    guard let mistakes, !mistakes.isEmpty else { return error.json }
    return mistakes.joined(separator: "; ")
  }

  /// Whether it says that there is no such vector database.
  static func deniesDatabase(_ error: VectorStoreError) -> Bool {
    guard case .remote(_, let reason) = error else { return false }
    return reason.contains("not served by provider") || (reason.contains("ector") && reason.contains("not found"))
  }
}
