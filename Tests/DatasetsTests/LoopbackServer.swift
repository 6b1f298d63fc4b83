import Foundation
import Glibc
import Synchronization

/// An HTTP/1.1 server on a loopback port that serves one body, well or badly.
final class LoopbackServer: Sendable {
  struct Behaviour: Sendable {
    var body: [UInt8] = []
    var etag: String? = "\"1\""
    var status = 200
    var knowsRanges = true
    /// Breaks the connection after so many bytes of the body.
    var breaksAfter: Int?
  }

  let port: UInt16
  private let listener: Int32
  private let state: Mutex<(behaviour: Behaviour, requests: [String])>

  init(_ behaviour: Behaviour) throws {
    state = Mutex((behaviour, []))
    let listening = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    listener = listening
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        bind(listening, address, length) == 0 && listen(listening, 8) == 0
          && getsockname(listening, address, &length) == 0
      }
    }
    guard bound else { throw POSIXError(.EADDRNOTAVAIL) }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = accept(listening, nil, nil)
        guard connection >= 0 else { return }
        self?.serve(connection)
        close(connection)
      }
    }
  }

  deinit {
    shutdown(listener, Int32(SHUT_RDWR))
    close(listener)
  }

  func url(_ name: String) -> String { "http://127.0.0.1:\(port)/\(name)" }

  func become(_ change: (inout Behaviour) -> Void) { state.withLock { change(&$0.behaviour) } }

  /// Heads of all requests so far.
  var requests: [String] { state.withLock { $0.requests } }

  private func serve(_ connection: Int32) {
    var head = ""
    var byte = UInt8(0)
    while !head.hasSuffix("\r\n\r\n"), read(connection, &byte, 1) == 1 {
      head.unicodeScalars.append(Unicode.Scalar(byte))
    }
    let behaviour = state.withLock { state in
      state.requests.append(head)
      return state.behaviour
    }
    func field(_ name: String) -> String? {
      head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("\(name):") }
        .map { String($0.drop { $0 != ":" }.dropFirst(2)) }
    }
    var status = behaviour.status
    var body = behaviour.body[...]
    var lines = ["Connection: close"]
    if let etag = behaviour.etag { lines.append("ETag: \(etag)") }
    let isSame = field("if-range").map { $0 == behaviour.etag } ?? true
    if status == 200, behaviour.knowsRanges, isSame, let range = field("range") {
      let bounds = range.dropFirst("bytes=".count).split(separator: "-").compactMap { Int($0) }
      if bounds[0] >= body.count {
        (status, body) = (416, [])
      } else {
        let last = min(bounds.count > 1 ? bounds[1] : .max, body.count - 1)
        lines.append("Content-Range: bytes \(bounds[0])-\(last)/\(body.count)")
        (status, body) = (206, body[bounds[0]...last])
      }
    }
    lines.append("Content-Length: \(body.count)")
    let answer = Array("HTTP/1.1 \(status) Whatever\r\n\(lines.joined(separator: "\r\n"))\r\n\r\n".utf8)
    _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
    let part = Array(body.prefix(behaviour.breaksAfter ?? .max))
    _ = send(connection, part, part.count, Int32(MSG_NOSIGNAL))
  }
}
