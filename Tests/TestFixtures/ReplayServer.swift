import Synchronization

/// A server on a loopback port that plays a captured conversation: it answers each request as the same one was answered then.
///
/// Of several that are the same, the first that has not been played is; when all have been, the last once more. A request that
/// was never made is answered with status 599, and remembered.
package final class ReplayServer: Sendable {
  private struct State {
    var exchanges: [ReplayedExchange]
    var played: [Bool]
    var strangers: [String] = []
  }

  private final class Stage: Sendable {
    let state: Mutex<State>
    let anyBody: Bool

    init(_ exchanges: [ReplayedExchange], anyBody: Bool) {
      state = Mutex(State(exchanges: exchanges, played: exchanges.map { _ in false }))
      self.anyBody = anyBody
    }

    func answer(_ request: LoopbackServer.Request) -> FaultServer.Step {
      state.withLock { state in
        let same = state.exchanges.indices.filter { state.exchanges[$0].matches(request, anyBody: anyBody) }
        guard let place = same.first(where: { !state.played[$0] }) ?? same.last else {
          let body = String(decoding: request.body.prefix(1_000), as: UTF8.self)
          state.strangers.append("\(request.method) \(request.path) \(body)")
          return .answer(status: 599, type: "text/plain", "the conversation has no \(request.method) \(request.path)")
        }
        state.played[place] = true
        let exchange = state.exchanges[place]
        return .answer(status: exchange.status, type: exchange.contentType, exchange.body)
      }
    }
  }

  private let stage: Stage
  private let server: FaultServer

  /// - Parameter anyBody: whether a request is known by its method, path and key alone.
  package init(_ exchanges: [ReplayedExchange], anyBody: Bool = false) throws {
    let stage = Stage(exchanges, anyBody: anyBody)
    self.stage = stage
    server = try FaultServer { request, _ in [stage.answer(request)] }
  }

  package var url: String { server.url }
  package var requests: [LoopbackServer.Request] { server.requests }
  /// Connections so far.
  package var connections: Int { server.connections }
  /// Requests that the conversation does not have.
  package var strangers: [String] { stage.state.withLock { $0.strangers } }
  /// Exchanges that have not been played.
  package var unplayed: [ReplayedExchange] {
    stage.state.withLock { state in zip(state.exchanges, state.played).filter { !$0.1 }.map(\.0) }
  }
}
