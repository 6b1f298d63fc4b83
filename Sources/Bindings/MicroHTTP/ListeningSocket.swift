internal import Glibc

/// A socket that others may connect to.
struct ListeningSocket {
  let descriptor: Int32
  /// The one that was taken, where 0 asked for any.
  let port: UInt16

  /// - Throws: `HTTPServerError` for a host that is none of this machine's, or a port that is taken or not allowed.
  init(host: String, port: UInt16, sendBufferBytes: Int) throws(HTTPServerError) {
    let place = "\(host):\(port)"
    var hints = addrinfo()
    hints.ai_family = AF_UNSPEC
    hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
    hints.ai_flags = AI_PASSIVE | AI_NUMERICSERV
    var found: UnsafeMutablePointer<addrinfo>?
    let code = getaddrinfo(host, String(port), &hints, &found)
    guard code == 0, let address = found?.pointee else {
      throw HTTPServerError(
        "\(host) is no address to listen on (\(String(cString: gai_strerror(code)))); 127.0.0.1 is this machine's own")
    }
    defer { freeaddrinfo(found) }
    let kind = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | Int32(SOCK_NONBLOCK.rawValue)
    let descriptor = socket(address.ai_family, kind, 0)
    guard descriptor >= 0 else { throw Self.failure(place) }
    // Connections inherit what their listener has.
    Self.set(descriptor, SOL_SOCKET, SO_REUSEADDR, 1)
    Self.set(descriptor, SOL_SOCKET, SO_SNDBUF, Int32(clamping: sendBufferBytes))
    Self.set(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, 1)
    guard bind(descriptor, address.ai_addr, address.ai_addrlen) == 0, listen(descriptor, SOMAXCONN) == 0,
      let port = Self.port(descriptor)
    else {
      let failure = Self.failure(place)
      close(descriptor)
      throw failure
    }
    self.descriptor = descriptor
    self.port = port
  }

  private static func set(_ descriptor: Int32, _ level: Int32, _ option: Int32, _ value: Int32) {
    var value = value
    setsockopt(descriptor, level, option, &value, socklen_t(MemoryLayout<Int32>.size))
  }

  private static func failure(_ place: String) -> HTTPServerError {
    HTTPServerError(
      "cannot listen on \(place): \(String(cString: strerror(errno))); name another port, or 0 for any that is free")
  }

  private static func port(_ descriptor: Int32) -> UInt16? {
    var address = sockaddr_storage()
    var length = socklen_t(MemoryLayout<sockaddr_storage>.size)
    return withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        guard getsockname(descriptor, address, &length) == 0 else { return nil }
        // The port stands at the same place in the addresses of both families.
        return address.withMemoryRebound(to: sockaddr_in.self, capacity: 1) { UInt16(bigEndian: $0.pointee.sin_port) }
      }
    }
  }
}

/// Descriptors that this process may have open.
enum DescriptorLimit {
  /// Raises the soft limit if it has to be.
  ///
  /// - Throws: `HTTPServerError` if the hard limit is lower.
  static func reach(_ needed: Int) throws(HTTPServerError) {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < needed else { return }
    guard limit.rlim_max >= needed else {
      throw HTTPServerError(
        "this process may open \(limit.rlim_max) files, and so many connections need \(needed): allow fewer "
          + "connections, or raise the limit ('ulimit -Hn \(needed)')")
    }
    limit.rlim_cur = rlim_t(needed)
    setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
  }
}
