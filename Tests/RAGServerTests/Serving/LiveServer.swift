import Embedders
import Foundation
import Generation
import JSON
import ModelFiles
import RAGServer
import Synchronization
import TestFixtures
import Testing

/// A server of the alphabet's model on a free port of this machine.
struct LiveServer {
  /// Holds the engine before its steps until it is opened, or lets so many through.
  final class Gate: Sendable {
    private let open: Atomic<Bool>
    private let steps = Atomic(0)
    private let passes = DispatchSemaphore(value: 0)

    init(isOpen: Bool) { open = Atomic(isOpen) }

    func wait() {
      steps.add(1, ordering: .acquiringAndReleasing)
      guard !open.load(ordering: .acquiring) else { return }
      passes.wait()
    }

    /// Steps that have come to the gate.
    var arrived: Int { steps.load(ordering: .acquiring) }

    func pass(_ steps: Int) { for _ in 0..<steps { passes.signal() } }

    func openForGood() {
      open.store(true, ordering: .releasing)
      passes.signal()
    }
  }

  let engine: Engine
  let server: Server
  let gate: Gate

  init(
    isOpen: Bool = true, embedder: (any Embedder)? = nil, stack: StackOptions = StackOptions(), blocks: Int = 4000,
    maxModelLength: Int = 1000,
    maxSequences: Int = 64, maxWaiting: Int = 4096, failingSteps: Bool = false, converses: Bool = true,
    _ change: (inout ServerOptions) -> Void = { _ in }
  ) throws {
    let gate = Gate(isOpen: isOpen)
    struct Loose: Error, CustomStringConvertible {
      var description: String { "the cable is loose" }
    }
    let executor = AlphabetExecutor {
      gate.wait()
      if failingSteps { throw Loose() }
    }
    let settings = SchedulerConfiguration(
      policy: KVPolicy(batching: .paged, blockSize: 4), blockCount: blocks, maxBatchedTokens: 512,
      maxSequences: maxSequences, maxModelLength: maxModelLength)
    engine = try Engine(
      model: "alphabet", executor: executor, configuration: settings,
      vocabularySize: AlphabetExecutor.vocabularySize, tokenizer: BytesTokenizer(), endTokens: [256],
      chatTemplate: converses
        ? ChatTemplate(
          nil, path: "alphabet", specialTokens: ["<|im_start|>", "<|im_end|>"], beginning: "", end: "") : nil,
      maxWaiting: maxWaiting)
    var options = ServerOptions()
    options.maxConnections = 200
    change(&options)
    server = try Server(engine: engine, embedder: embedder, options: options, stack: stack)
    self.gate = gate
  }

  func client(receiveBuffer: Int? = nil) throws -> RawClient {
    try RawClient(port: UInt16(server.port), receiveBuffer: receiveBuffer)
  }

  func post(_ path: String, _ body: String, headers: [String] = ["Content-Type: application/json"]) throws
    -> RawClient.Answer
  {
    let client = try client()
    client.post(path, body, headers: headers)
    return client.answer()
  }

  func get(_ path: String, headers: [String] = []) throws -> RawClient.Answer {
    let client = try client()
    client.get(path, headers: headers)
    return client.answer()
  }

  /// Waits until the engine stands before its step number so and so, counted from 1.
  func untilHeld(before step: Int) { while gate.arrived < step { Self.rest() } }

  /// Between two looks: what is looked for is done by other threads, which need the core.
  static func rest() { usleep(200) }

  /// Waits until the engine says so; other threads bring it about.
  func until(_ condition: (EngineStatistics) -> Bool) {
    while !condition(engine.statistics) { Self.rest() }
  }

  func end() async {
    gate.openForGood()
    server.stop()
    await engine.shutDown()
  }
}

extension RawClient.Answer {
  var json: JSONValue { (try? JSONValue.parse(text)) ?? .null }

  /// The message of an error.
  var message: String { json["error"]?["message"]?.string ?? "" }

  /// The data of its events.
  var events: [String] {
    text.components(separatedBy: "\n\n").filter { !$0.isEmpty }.map { String($0.dropFirst("data: ".count)) }
  }
}
