import Foundation
import Glibc
import Synchronization

/// An HTTP/1.1 server on a loopback port, one answer a connection.
package final class LoopbackServer: Sendable {
  package struct Request: Sendable {
    /// Request line and headers.
    package var head: String
    package var body: [UInt8]

    package var path: String { head.split(separator: " ").dropFirst().first.map(String.init) ?? "" }

    /// The value of a header, asked for in lower case.
    package func field(_ name: String) -> String? {
      head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("\(name):") }
        .map { String($0.drop { $0 != ":" }.dropFirst(2)) }
    }

    /// Reads one from a socket; nil if it ends before.
    static func read(from connection: Int32) -> Request? {
      var request = Request(head: "", body: [])
      var byte = UInt8(0)
      while !request.head.hasSuffix("\r\n\r\n") {
        guard Glibc.read(connection, &byte, 1) == 1 else { return nil }
        request.head.unicodeScalars.append(Unicode.Scalar(byte))
      }
      let length = request.field("content-length").flatMap { Int($0) } ?? 0
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      while request.body.count < length {
        let count = Glibc.read(connection, &buffer, min(buffer.count, length - request.body.count))
        guard count > 0 else { return nil }
        request.body += buffer[..<count]
      }
      return request
    }
  }

  package struct Response: Sendable {
    package var status: Int
    package var headers: [String]
    package var body: [UInt8]
    /// Breaks the connection after so many bytes of the body.
    package var breaksAfter: Int?

    package init(status: Int = 200, headers: [String] = [], body: [UInt8] = [], breaksAfter: Int? = nil) {
      self.status = status
      self.headers = headers
      self.body = body
      self.breaksAfter = breaksAfter
    }

    package init(status: Int = 200, headers: [String] = [], text: String) {
      self.init(status: status, headers: headers, body: Array(text.utf8))
    }
  }

  package typealias Handler = @Sendable (Request) -> Response

  package let port: UInt16
  private let listener: Int32
  private let state: Mutex<(handler: Handler, requests: [Request])>

  package init(_ handler: @escaping Handler) throws {
    state = Mutex((handler, []))
    let listening: Int32
    (listening, port) = try Self.listen(port: 0)
    listener = listening
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = accept(listening, nil, nil)
        // Closed here and by nobody else, or its number might be another server's by now.
        guard connection >= 0 else {
          close(listening)
          return
        }
        self?.serve(connection)
        close(connection)
      }
    }
  }

  /// A socket that listens on a loopback port, 0 for any, and the port.
  static func listen(port: UInt16) throws -> (Int32, UInt16) {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var isReused: Int32 = 1
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &isReused, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listener, address, length) == 0 && Glibc.listen(listener, 128) == 0
          && getsockname(listener, address, &length) == 0
      }
    }
    guard isBound else { throw POSIXError(.EADDRNOTAVAIL) }
    return (listener, UInt16(bigEndian: address.sin_port))
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
  }

  package func url(_ name: String) -> String { "http://127.0.0.1:\(port)/\(name)" }

  /// Answers differently from now on.
  package func become(_ handler: @escaping Handler) { state.withLock { $0.handler = handler } }

  /// All requests so far.
  package var requests: [Request] { state.withLock { $0.requests } }

  private func serve(_ connection: Int32) {
    guard let request = Request.read(from: connection) else { return }
    let handler = state.withLock { state in
      state.requests.append(request)
      return state.handler
    }
    let response = handler(request)
    let lines = ["Connection: close"] + response.headers + ["Content-Length: \(response.body.count)"]
    let head = Array("HTTP/1.1 \(response.status) Whatever\r\n\(lines.joined(separator: "\r\n"))\r\n\r\n".utf8)
    _ = send(connection, head, head.count, Int32(MSG_NOSIGNAL))
    let part = Array(response.body.prefix(response.breaksAfter ?? .max))
    var sent = 0
    while sent < part.count {
      let count = part.withUnsafeBytes {
        send(connection, $0.baseAddress! + sent, part.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return }
      sent += count
    }
  }
}
