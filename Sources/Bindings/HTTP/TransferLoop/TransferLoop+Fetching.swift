extension TransferLoop {
  /// Collects a whole answer, whatever its status.
  ///
  /// - Parameters:
  ///   - limit: bytes beyond which an answer is refused.
  ///   - patience: seconds for everything.
  ///   - done: called once, unless the transfer is cancelled.
  @discardableResult
  package func fetch(
    _ request: HTTPRequest, limit: Int, patience: Double,
    done: @escaping (Result<HTTPResponse, TransferFailure>) -> Void
  ) -> Transfer {
    let collector = Collector(limit: limit, loop: self, done: done)
    let transfer = start(request, receiver: collector)
    collector.timer = at(now + UInt64(max(0, patience) * 1e9)) { [weak transfer] in
      guard let transfer else { return }
      collector.give(.failure(TransferFailure(.timeout, "no whole answer came within \(patience) s")), transfer)
    }
    return transfer
  }
}

/// Keeps the body of a transfer until it is whole.
private final class Collector: TransferReceiver {
  private let limit: Int
  private unowned let loop: TransferLoop
  private var done: ((Result<HTTPResponse, TransferFailure>) -> Void)?
  private var body: [UInt8] = []
  var timer: LoopTimer?

  init(limit: Int, loop: TransferLoop, done: @escaping (Result<HTTPResponse, TransferFailure>) -> Void) {
    self.limit = limit
    self.loop = loop
    self.done = done
  }

  func received(_ bytes: UnsafeRawBufferPointer, of transfer: Transfer) {
    guard body.count + bytes.count <= limit else {
      return give(.failure(TransferFailure(.malformed, "the answer is longer than \(limit) bytes")), transfer)
    }
    body += bytes
  }

  func ended(_ transfer: Transfer, failure: TransferFailure?) {
    if let failure { return give(.failure(failure), transfer) }
    give(.success(HTTPResponse(status: transfer.head.status, headers: transfer.head.headers, body: body)), transfer)
  }

  func give(_ result: Result<HTTPResponse, TransferFailure>, _ transfer: Transfer) {
    if let timer { loop.cancel(timer) }
    timer = nil
    loop.cancel(transfer)
    let done = self.done
    self.done = nil
    done?(result)
  }
}
