import HTTP
import TestFixtures
import Testing

@Suite struct TransferLoopTests {
  final class Receiver: TransferReceiver {
    var body: [UInt8] = []
    var failure: TransferFailure?
    var hasEnded = false
    func received(_ bytes: UnsafeRawBufferPointer, of transfer: Transfer) { body += bytes }
    func ended(_ transfer: Transfer, failure: TransferFailure?) {
      self.failure = failure
      hasEnded = true
    }
  }

  @Test func fetches() throws {
    let server = try LoopbackServer { .init(text: "answer to \($0.path)") }
    let loop = try TransferLoop()
    let receivers = (0..<20).map { _ in Receiver() }
    let transfers = receivers.enumerated().map {
      loop.start(HTTPRequest(url: server.url("\($0.offset)")), receiver: $0.element)
    }
    try loop.run { receivers.allSatisfy(\.hasEnded) }
    for (index, receiver) in receivers.enumerated() {
      #expect(String(decoding: receiver.body, as: UTF8.self) == "answer to /\(index)")
      #expect(transfers[index].head.status == 200)
    }
  }
}
