import Foundation
import Glibc
import Synchronization

/// A raw server on a loopback port that does what a script says, byte by byte, and keeps its connections unless it is told not to.
package final class FaultServer: Sendable {
  package typealias Request = LoopbackServer.Request

  package enum Step: Sendable {
    case send([UInt8])
    /// In pieces of one byte.
    case sendSingly([UInt8])
    /// Sends nothing until the client has gone.
    case stall
    /// Ends the connection in order.
    case close
    /// Breaks it.
    case reset

    package static func send(_ text: String) -> Step { .send(Array(text.utf8)) }
  }

  /// What to do about the nth request, from 0.
  package typealias Script = @Sendable (Request, Int) -> [Step]

  private struct State {
    var listener: Int32
    var script: Script
    var requests: [Request] = []
    var open: Set<Int32> = []
    var accepted = 0
  }

  package let port: UInt16
  private let state: Mutex<State>

  package init(_ script: @escaping Script) throws {
    let listener: Int32
    (listener, port) = try LoopbackServer.listen(port: 0)
    state = Mutex(State(listener: listener, script: script))
    accept(on: listener)
  }

  deinit { die() }

  package var url: String { "http://127.0.0.1:\(port)" }
  package var requests: [Request] { state.withLock { $0.requests } }
  /// Connections so far.
  package var connections: Int { state.withLock { $0.accepted } }

  package func become(_ script: @escaping Script) { state.withLock { $0.script = script } }

  /// Refuses connections from now on, and breaks those that are open, as a killed process does.
  package func die() {
    state.withLock { state in
      guard state.listener >= 0 else { return }
      shutdown(state.listener, Int32(SHUT_RDWR))
      state.listener = -1
      for connection in state.open { shutdown(connection, Int32(SHUT_RDWR)) }
    }
  }

  /// Comes back on the same port.
  package func revive() throws {
    let (listener, _) = try LoopbackServer.listen(port: port)
    state.withLock { $0.listener = listener }
    accept(on: listener)
  }

  private func accept(on listener: Int32) {
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = Glibc.accept(listener, nil, nil)
        guard connection >= 0, let self else {
          if connection >= 0 { close(connection) }
          // Closed here and by nobody else, or its number might be another server's by now.
          close(listener)
          return
        }
        state.withLock { state in
          state.open.insert(connection)
          state.accepted += 1
        }
        Thread.detachNewThread { [weak self] in
          while let request = Request.read(from: connection), let self, answer(request, on: connection) {}
          self?.state.withLock { _ = $0.open.remove(connection) }
          close(connection)
        }
      }
    }
  }

  /// - Returns: whether the connection goes on.
  private func answer(_ request: Request, on connection: Int32) -> Bool {
    let (script, number) = state.withLock { state in
      state.requests.append(request)
      return (state.script, state.requests.count - 1)
    }
    for step in script(request, number) {
      switch step {
      case .send(let bytes): guard Self.send(bytes, to: connection) else { return false }
      case .sendSingly(let bytes):
        var isUndelayed: Int32 = 1
        setsockopt(
          connection, Int32(IPPROTO_TCP), TCP_NODELAY, &isUndelayed, socklen_t(MemoryLayout<Int32>.size))
        for byte in bytes { guard Self.send([byte], to: connection) else { return false } }
      case .stall:
        var byte = UInt8(0)
        while read(connection, &byte, 1) > 0 {}
        return false
      case .close: return false
      case .reset:
        // Closing with a linger time of 0 sends RST.
        var lingering = linger(l_onoff: 1, l_linger: 0)
        setsockopt(connection, SOL_SOCKET, SO_LINGER, &lingering, socklen_t(MemoryLayout<linger>.size))
        return false
      }
    }
    return true
  }

  private static func send(_ bytes: [UInt8], to connection: Int32) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(connection, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }
}

extension FaultServer.Step {
  /// A whole answer.
  package static func answer(
    status: Int = 200, type: String = "application/json", headers: [String] = [], _ body: String
  ) -> Self {
    let lines =
      ["HTTP/1.1 \(status) Whatever", "Content-Type: \(type)", "Content-Length: \(body.utf8.count)"] + headers
    return .send(lines.joined(separator: "\r\n") + "\r\n\r\n" + body)
  }

  /// The head of a stream.
  package static let streamHead = Self.send(
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\nTransfer-Encoding: chunked\r\n\r\n")

  /// A piece of a stream's body.
  package static func chunk(_ body: String) -> Self {
    .send("\(String(body.utf8.count, radix: 16))\r\n\(body)\r\n")
  }

  /// An event of a stream.
  package static func event(_ data: String) -> Self { chunk("data: \(data)\n\n") }

  package static let streamEnd = Self.send("0\r\n\r\n")
}
