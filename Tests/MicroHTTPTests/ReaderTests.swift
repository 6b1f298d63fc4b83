import Dispatch
import Foundation
import Glibc
import MicroHTTP
import Synchronization
import TestFixtures
import Testing

/// Readers that are slow, gone, or many.
@Suite struct ReaderTests {
  /// What a handler hands over to the test.
  private final class Hall: Sendable {
    private let responders = Mutex<[Responder]>([])
    private let ends = Mutex<[ExchangeEnd]>([])
    private let arrived = DispatchSemaphore(value: 0)
    private let ended = DispatchSemaphore(value: 0)

    func take(_ responder: Responder) {
      responder.onClose { [self] end in
        ends.withLock { $0.append(end) }
        ended.signal()
      }
      responders.withLock { $0.append(responder) }
      arrived.signal()
    }

    func next() -> Responder {
      arrived.wait()
      return responders.withLock { $0.removeFirst() }
    }

    func nextEnd() -> ExchangeEnd {
      ended.wait()
      return ends.withLock { $0.removeFirst() }
    }
  }

  private let hall = Hall()

  private func server(_ change: (inout HTTPServerOptions) -> Void = { _ in }) throws -> HTTPServer {
    var options = HTTPServerOptions()
    options.maxConnections = 100
    options.maxPendingBytes = 1 << 16
    options.sendBufferBytes = 1 << 14
    change(&options)
    return try HTTPServer(options: options) { [hall] _, responder in hall.take(responder) }
  }

  private let piece = [UInt8](repeating: UInt8(ascii: "p"), count: 1000)

  @Test func aReaderThatDoesNotReadIsCutOff() throws {
    let server = try server()
    let client = try RawClient(port: server.port, receiveBuffer: 4096)
    client.get("/")
    let stream = hall.next().stream()
    #expect(client.wait(for: "200 OK"))
    var written = 0
    while stream.write(piece) {
      written += piece.count
      #expect(stream.pending <= (1 << 16) + piece.count + 8)
      try #require(written < 1 << 22, "nobody holds that much")
    }
    #expect(hall.nextEnd() == .tooSlow)
    #expect(stream.pending == 0)
    #expect(!client.answer().isWhole)
    let other = try RawClient(port: server.port)
    other.get("/")
    hall.next().respond(status: 200)
    #expect(other.answer().status == 200)
    server.stop()
  }

  @Test func aReaderThatTakesNothingIsCutOffInTime() throws {
    let server = try server { $0.stallSeconds = 1 }
    let client = try RawClient(port: server.port, receiveBuffer: 4096)
    client.get("/")
    let stream = hall.next().stream()
    #expect(client.wait(for: "200 OK"))
    // More than the kernel takes, which may still be about to take some.
    while stream.pending < 1 << 15 { #expect(stream.write(piece)) }
    #expect(hall.nextEnd() == .tooSlow)
    server.stop()
  }

  @Test func aSlowReaderGetsEverything() throws {
    let server = try server()
    let client = try RawClient(port: server.port, receiveBuffer: 4096)
    client.get("/")
    let responder = hall.next()
    let total = 3000
    Thread.detachNewThread { [piece] in
      let stream = responder.stream()
      for _ in 0..<total {
        while stream.pending > 1 << 15 { usleep(200) }
        #expect(stream.write(piece))
      }
      stream.finish()
    }
    let answer = client.answer()
    #expect(answer.isWhole && answer.body.count == total * piece.count)
    #expect(hall.nextEnd() == .answered)
    server.stop()
  }

  @Test func aClientThatLeavesIsNoticedWhileNothingIsSaid() throws {
    let server = try server()
    for begins in [true, false] {
      let client = try RawClient(port: server.port)
      client.get("/")
      let responder = hall.next()
      let stream = begins ? responder.stream() : nil
      if begins { #expect(client.wait(for: "200 OK")) }
      client.leave()
      #expect(hall.nextEnd() == .clientGone)
      if let stream { #expect(!stream.write(piece)) } else { responder.respond(status: 200) }
      #expect(responder.isClosed)
    }
    // Half a close is one too.
    let half = try RawClient(port: server.port)
    half.get("/")
    let responder = hall.next()
    shutdown(half.descriptor, Int32(SHUT_WR))
    #expect(hall.nextEnd() == .clientGone)
    let told = Mutex<ExchangeEnd?>(nil)
    responder.onClose { end in told.withLock { $0 = end } }
    #expect(told.withLock { $0 } == .clientGone, "who asks late is told at once")
    server.stop()
  }

  @Test func anAbortedBodyIsSeenToBe() throws {
    let server = try server()
    let client = try RawClient(port: server.port)
    client.get("/")
    let stream = hall.next().stream()
    stream.write(piece)
    #expect(client.wait(for: "ppp"))
    stream.abort()
    let answer = client.answer()
    #expect(answer.status == 200 && !answer.isWhole)
    #expect(hall.nextEnd() == .aborted)
    server.stop()
  }

  @Test func stoppingEndsWhoeverWaits() throws {
    let server = try server()
    let clients = try (0..<20).map { _ in try RawClient(port: server.port) }
    var streams: [ResponseStream] = []
    for (index, client) in clients.enumerated() {
      client.get("/")
      let responder = hall.next()
      if index % 2 == 0 { streams.append(responder.stream()) }
    }
    server.stop()
    for _ in clients { #expect(hall.nextEnd() == .aborted) }
    for stream in streams { #expect(!stream.write(piece)) }
    for client in clients { #expect(!client.answer().isWhole) }
  }

  @Test func twoThousandStreamsAtOnce() throws {
    let count = 2000
    // The clients are in this process too, so that it needs twice as many descriptors.
    let server = try server { $0.maxConnections = 2 * count + 200 }
    let clients = try (0..<count).map { _ in try RawClient(port: server.port) }
    for client in clients { client.get("/") }
    let streams = clients.map { _ in hall.next().stream() }
    #expect(server.connectionCount == count)
    for round in 0..<5 { for stream in streams { #expect(stream.write(Array("piece \(round) ".utf8))) } }
    for stream in streams { stream.finish() }
    for client in clients {
      let answer = client.answer()
      #expect(answer.isWhole && answer.text == "piece 0 piece 1 piece 2 piece 3 piece 4 ")
    }
    for _ in clients { #expect(hall.nextEnd() == .answered) }
    for client in clients { client.leave() }
    while server.connectionCount > 0 { usleep(200) }
    server.stop()
  }

  @Test func addressesThatCannotBeListenedOn() throws {
    let server = try server()
    let taken = #expect(throws: HTTPServerError.self) { try self.server { $0.port = server.port } }
    #expect(taken?.description.contains("Address already in use") == true)
    let nowhere = #expect(throws: HTTPServerError.self) { try self.server { $0.host = "no such host.invalid" } }
    #expect(nowhere?.description.contains("is no address to listen on") == true)
    let many = #expect(throws: HTTPServerError.self) { try self.server { $0.maxConnections = 1 << 31 - 100 } }
    #expect(many?.description.contains("allow fewer connections") == true)
    server.stop()
    #expect(throws: (any Error).self) { try RawClient(port: server.port) }
  }
}
