import CCurl
internal import Glibc

/// Why a transfer came to no proper end; what the server says in its answer is no failure of the transfer.
package struct TransferFailure: Error, Sendable, Equatable, CustomStringConvertible {
  package enum Kind: Sendable, Equatable {
    /// No connection came about.
    case refused
    /// The connection broke.
    case reset
    /// The connection took too long to come about.
    case timeout
    /// The body ended before it was whole.
    case short
    /// What came is no HTTP.
    case malformed
    case other
  }

  package var kind: Kind
  /// libcurl's sentence.
  package var description: String

  package init(_ kind: Kind, _ description: String) {
    self.kind = kind
    self.description = description
  }

  init(_ code: CURLcode, _ handle: CurlHandle) {
    let kind: Kind =
      switch code {
      case CURLE_COULDNT_CONNECT: .refused
      case CURLE_RECV_ERROR, CURLE_SEND_ERROR, CURLE_GOT_NOTHING: .reset
      case CURLE_OPERATION_TIMEDOUT: .timeout
      case CURLE_PARTIAL_FILE: .short
      // An answer without a status line is HTTP/0.9, which no server means.
      case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_BAD_CONTENT_ENCODING, CURLE_HTTP2: .malformed
      default: .other
      }
    self.init(kind, handle.reason(code))
  }
}
