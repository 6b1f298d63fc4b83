import Foundation
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

  @Test func runsTimersInTheirOrder() throws {
    let seed = Fuzz.seed()
    var random = SeededRandom(seed)
    let loop = try TransferLoop()
    let start = loop.now
    var fired: [Int] = []
    // Many at equal times, which go in the order of the calls.
    let times = (0..<500).map { _ in start + UInt64.random(in: 0..<50, using: &random) * 1_000 }
    let timers = times.enumerated().map { index, time in
      loop.at(time) {
        #expect(loop.now >= time)
        fired.append(index)
      }
    }
    let cancelled = Set((0..<200).map { _ in Int.random(in: 0..<500, using: &random) })
    for index in cancelled {
      loop.cancel(timers[index])
      loop.cancel(timers[index])
    }
    var isLast = false
    _ = loop.at(start + 60_000) { isLast = true }
    try loop.run { isLast }
    let expected = times.indices.filter { !cancelled.contains($0) }.sorted { (times[$0], $0) < (times[$1], $1) }
    #expect(fired == expected, "seed \(seed)")
  }

  @Test func returnsWhenNothingIsLeft() throws {
    let loop = try TransferLoop()
    var count = 0
    _ = loop.at(0) { count += 1 }
    try loop.run { false }
    #expect(count == 1)
  }

  @Test func isWokenByAnotherThread() throws {
    let loop = try TransferLoop()
    let bell = loop.bell
    var rings = 0
    loop.rung = { rings += 1 }
    Thread.detachNewThread { bell.ring() }
    try loop.run { rings == 1 }
    bell.ring()
    try loop.run { rings == 2 }
  }

  @Test func limitsWhatItCollects() throws {
    let server = try LoopbackServer { _ in .init(text: String(repeating: "a", count: 1_000)) }
    let loop = try TransferLoop()
    var answers: [String] = []
    func note(_ result: Result<HTTPResponse, TransferFailure>) {
      switch result {
      case .success(let response): answers.append("\(response.body.count)")
      case .failure(let failure): answers.append(failure.description)
      }
    }
    loop.fetch(HTTPRequest(url: server.url("a")), limit: 1_000, patience: 10, done: note)
    try loop.run { answers.count == 1 }
    loop.fetch(HTTPRequest(url: server.url("a")), limit: 999, patience: 10, done: note)
    try loop.run { answers.count == 2 }
    #expect(answers == ["1000", "the answer is longer than 999 bytes"] && loop.running == 0)
  }

  @Test func waitsOnlySoLongForAnAnswer() throws {
    let server = try FaultServer { _, _ in [.stall] }
    let loop = try TransferLoop()
    var failure: TransferFailure?
    loop.fetch(HTTPRequest(url: server.url), limit: 1, patience: 0.02) {
      if case .failure(let reason) = $0 { failure = reason }
    }
    try loop.run { failure != nil }
    #expect(failure == TransferFailure(.timeout, "no whole answer came within 0.02 s") && loop.running == 0)
  }
}
