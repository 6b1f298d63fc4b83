internal import HTTP
internal import JSON

/// Reading what comes.
extension RequestInFlight {
  /// Whether every output has ended.
  var isComplete: Bool { outcome.choices.allSatisfy { $0.finished != nil } && !outcome.choices.isEmpty }

  func take(_ bytes: UnsafeRawBufferPointer, head: HTTPHead) {
    if case .awaited = answer {
      guard let kind = kind(of: head) else {
        let type = head.headers["content-type"].map { "'\($0)'" } ?? "nothing"
        return fail(.malformed, "the answer's content type is \(type) instead of text/event-stream or application/json")
      }
      answer = kind
    }
    switch answer {
    case .stream: takeStream(bytes)
    case .whole(var collected):
      answer = .awaited
      // An error's page is not read to its end.
      let room = head.status == 200 ? client.options.longestAnswer : 1 << 16
      guard collected.count + bytes.count <= room || head.status != 200 else {
        return fail(.malformed, "the answer is longer than \(room) bytes")
      }
      collected += bytes.prefix(max(0, room - collected.count))
      answer = .whole(collected)
    case .awaited: break
    }
  }

  private func kind(of head: HTTPHead) -> Answer? {
    guard head.status == 200 else { return .whole([]) }
    let type = head.headers["content-type"] ?? ""
    if type.hasPrefix("text/event-stream") { return .stream }
    return type.hasPrefix("application/json") ? .whole([]) : nil
  }

  private func takeStream(_ bytes: UnsafeRawBufferPointer) {
    do {
      try parser.consume(bytes) { data in
        guard !hasEnded, !isDone, !data.isEmpty else { return }
        if data.elementsEqual("[DONE]".utf8) {
          isDone = true
          return
        }
        try chunk.read(data, keepsText: request.keepsText)
        takeChunk(at: lastByte)
      }
    } catch let error as JSONError {
      fail(.malformed, "an event of the stream is no JSON that was agreed: \(error)")
    } catch {
      fail(.malformed, "\(error)")
    }
  }

  func takeWhole(_ bytes: [UInt8]) {
    do throws(JSONError) {
      let result = bytes.withUnsafeBytes { bytes in
        Result { () throws(JSONError) in try chunk.read(bytes, keepsText: request.keepsText) }
      }
      try result.get()
      takeChunk(at: nil)
      guard !hasEnded else { return }
      if isComplete { end(.completed) } else { fail(.truncated, "the answer does not hold every output") }
    } catch {
      fail(.malformed, "the answer is no JSON that was agreed: \(error)")
    }
  }

  /// - Parameter time: when it came; nil: everything came at once, and no token has a time.
  private func takeChunk(at time: UInt64?) {
    if let error = chunk.error {
      // Llama Stack 0.2.11 and 0.2.12 end streams that are whole with an error instead of [DONE]: nothing is missing but the usage.
      guard !isComplete else {
        isDone = true
        return
      }
      return fail(.stream, "the server says: \(error)")
    }
    if let wrong = chunk.choices.first(where: { !outcome.choices.indices.contains($0.index) }) {
      return fail(.malformed, "a chunk is of output \(wrong.index), and \(outcome.choices.count) were asked for")
    }
    let hadTokens = counter.hasTokens
    counter.take(chunk, at: time, into: &outcome, keepsText: request.keepsText)
    // From now on another limit counts, which may be nearer.
    if counter.hasTokens, !hadTokens, time != nil { watch() }
    for choice in chunk.choices {
      let tokens = counter.lastTokens(of: choice.index)
      if choice.finishReason != nil { outcome.choices[choice.index].finished = time ?? loop.now }
      guard let progress, tokens > 0 || choice.finishReason != nil || !choice.text.isEmpty else { continue }
      progress(
        RequestProgress(
          choice: choice.index, time: time ?? loop.now, tokens: tokens, ids: choice.tokenIDs, text: choice.text,
          finishReason: choice.finishReason))
      if hasEnded { return }
    }
  }
}
