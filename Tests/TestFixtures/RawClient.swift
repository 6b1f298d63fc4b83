import Foundation
import Glibc

/// A client that says what it is told, byte for byte, over one connection to this machine.
package final class RawClient {
  package struct Answer {
    package var status = 0
    /// Status line and headers.
    package var head = ""
    package var body: [UInt8] = []
    /// Whether the body ended as its framing says.
    package var isWhole = false

    package var text: String { String(decoding: body, as: UTF8.self) }

    package func field(_ name: String) -> String? {
      head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("\(name):") }
        .map { String($0.drop { $0 != ":" }.dropFirst().drop { $0 == " " }) }
    }
  }

  package let descriptor: Int32
  private var buffer: [UInt8] = []
  private var isOpen = true

  /// - Parameters:
  ///   - receiveBuffer: what the kernel may hold of what is not read yet.
  ///   - patience: seconds after which a read gives up, so that a test fails rather than hangs.
  package init(port: UInt16, receiveBuffer: Int? = nil, patience: Int = 20) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    if var size = receiveBuffer.map({ Int32($0) }) {
      setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &size, socklen_t(MemoryLayout<Int32>.size))
    }
    var time = timeval(tv_sec: patience, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &time, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    let connected = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { [descriptor] in
        connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
    guard connected else { throw POSIXError(POSIXErrorCode(rawValue: errno) ?? .ECONNREFUSED) }
  }

  deinit { leave() }

  /// Closes the connection.
  package func leave() {
    if isOpen { close(descriptor) }
    isOpen = false
  }

  /// - Returns: whether all of it was taken.
  @discardableResult package func send(_ bytes: [UInt8]) -> Bool {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + sent, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      sent += count
    }
    return true
  }

  @discardableResult package func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  package func post(_ path: String, _ body: String, headers: [String] = ["Content-Type: application/json"]) {
    let lines = ["POST \(path) HTTP/1.1", "Host: x"] + headers + ["Content-Length: \(body.utf8.count)", "", ""]
    send(lines.joined(separator: "\r\n") + body)
  }

  package func get(_ path: String, headers: [String] = []) {
    send((["GET \(path) HTTP/1.1", "Host: x"] + headers + ["", ""]).joined(separator: "\r\n"))
  }

  /// More bytes; false at the end of the connection, or of patience.
  package func receive(atMost count: Int = 1 << 16) -> Bool {
    var piece = [UInt8](repeating: 0, count: count)
    let received = recv(descriptor, &piece, count, 0)
    guard received > 0 else { return false }
    buffer += piece[..<received]
    return true
  }

  /// Reads until the bytes hold a text, which stay to be read.
  package func wait(for text: String) -> Bool {
    while !String(decoding: buffer, as: UTF8.self).contains(text) { guard receive() else { return false } }
    return true
  }

  /// What has come and was not read.
  package var unread: String { String(decoding: buffer, as: UTF8.self) }

  /// Reads one answer.
  package func answer() -> Answer {
    var answer = Answer()
    guard let head = take(through: Array("\r\n\r\n".utf8)) else { return answer }
    answer.head = String(decoding: head, as: UTF8.self)
    answer.status = answer.head.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
    if (100..<200).contains(answer.status) { return self.answer() }
    if let length = answer.field("content-length").flatMap({ Int($0) }) {
      answer.body = take(length)
      answer.isWhole = answer.body.count == length
    } else if answer.field("transfer-encoding") == "chunked" {
      while let line = take(through: Array("\r\n".utf8)) {
        guard let length = Int(String(decoding: line.dropLast(2), as: UTF8.self), radix: 16) else { break }
        answer.body += take(length)
        guard take(2) == [0x0D, 0x0A] else { break }
        if length == 0 {
          answer.isWhole = true
          break
        }
      }
    } else {
      while receive() {}
      answer.body = take(buffer.count)
    }
    return answer
  }

  private func take(_ count: Int) -> [UInt8] {
    while buffer.count < count, receive() {}
    defer { buffer.removeFirst(min(count, buffer.count)) }
    return Array(buffer.prefix(count))
  }

  private func take(through end: [UInt8]) -> [UInt8]? {
    var searched = 0
    while true {
      if buffer.count >= end.count {
        for place in searched...(buffer.count - end.count) where buffer[place..<place + end.count].elementsEqual(end) {
          return take(place + end.count)
        }
        searched = max(0, buffer.count - end.count)
      }
      guard receive() else { return nil }
    }
  }
}
