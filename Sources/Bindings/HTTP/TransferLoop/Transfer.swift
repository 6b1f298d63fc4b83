/// Who is told of a transfer; calls come on the loop's thread.
package protocol TransferReceiver: AnyObject {
  /// A piece of the body; `transfer.head` is complete. The bytes are gone when this returns.
  func received(_ bytes: UnsafeRawBufferPointer, of transfer: Transfer)
  /// Nothing more will come; not called of a transfer that was cancelled.
  func ended(_ transfer: Transfer, failure: TransferFailure?)
}

/// One transfer of a `TransferLoop`.
package final class Transfer {
  enum State { case waiting, running, ended }

  package let request: HTTPRequest
  /// When it was handed to the network; nil: not yet.
  package internal(set) var began: UInt64?
  package internal(set) var head = HTTPHead()
  var state = State.waiting
  var handle: CurlHandle?
  var receiver: (any TransferReceiver)?

  init(_ request: HTTPRequest, receiver: any TransferReceiver) {
    self.request = request
    self.receiver = receiver
  }
}
