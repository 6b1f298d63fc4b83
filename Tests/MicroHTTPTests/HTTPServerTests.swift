import Dispatch
import MicroHTTP
import Synchronization
import TestFixtures
import Testing

@Suite struct HTTPServerTests {
  private func server(
    _ change: (inout HTTPServerOptions) -> Void = { _ in }, _ handler: @escaping HTTPServer.Handler
  ) throws -> HTTPServer {
    var options = HTTPServerOptions()
    options.maxConnections = 100
    change(&options)
    return try HTTPServer(options: options, handler: handler)
  }

  @Test func wholeAnswersOnOneConnection() throws {
    let server = try server { request, responder in
      let headers = [("X-Seen", request.headers["x-one"] ?? "none"), ("Content-Type", "text/plain")]
      responder.respond(
        status: 201, headers: headers, body: Array("\(request.method) \(request.path) ".utf8) + request.body)
      responder.respond(status: 500)
    }
    let client = try RawClient(port: server.port)
    for length in [0, 1, 1000, 100_000] {
      let body = String(repeating: "b", count: length)
      client.post("/a/b?c=d", body, headers: ["X-One: two"])
      let answer = client.answer()
      #expect(answer.status == 201 && answer.isWhole && answer.field("x-seen") == "two")
      #expect(answer.text == "POST /a/b \(body)")
    }
    client.get("/")
    #expect(client.answer().text == "GET / ")
    #expect(server.connectionCount == 1)
    server.stop()
    server.stop()
  }

  @Test func answersMayComeLaterAndInPieces() throws {
    let waiting = Mutex<[Responder]>([])
    let arrived = DispatchSemaphore(value: 0)
    let ends = Mutex<[ExchangeEnd]>([])
    let ended = DispatchSemaphore(value: 0)
    let server = try server { _, responder in
      responder.onClose { end in
        ends.withLock { $0.append(end) }
        ended.signal()
      }
      waiting.withLock { $0.append(responder) }
      arrived.signal()
    }
    let client = try RawClient(port: server.port)
    for round in 0..<3 {
      client.get("/later")
      arrived.wait()
      let responder = waiting.withLock { $0.removeLast() }
      let stream = responder.stream(headers: [("Content-Type", "text/event-stream")])
      if round > 0 { #expect(client.wait(for: "text/event-stream"), "the head comes before the first piece") }
      for piece in ["one ", "two ", "", "three"] { #expect(stream.write(Array(piece.utf8))) }
      if round > 0 { #expect(client.wait(for: "three"), "pieces come before the end") }
      stream.finish()
      let answer = client.answer()
      #expect(answer.text == "one two three" && answer.isWhole && answer.status == 200)
      ended.wait()
      #expect(stream.pending == 0 && !stream.write([1]), "nobody is there any more")
    }
    // HTTP/1.0 knows no chunks: its body ends with the connection.
    let old = try RawClient(port: server.port)
    old.send("GET /old HTTP/1.0\r\n\r\n")
    arrived.wait()
    let stream = waiting.withLock { $0.removeLast() }.stream()
    #expect(stream.write(Array("bare ".utf8)) && stream.write(Array("bytes".utf8)))
    stream.finish()
    #expect(old.answer().text == "bare bytes")
    ended.wait()
    #expect(ends.withLock { $0 } == [.answered, .answered, .answered, .answered])
  }
}
