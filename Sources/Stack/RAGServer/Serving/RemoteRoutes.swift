internal import Files
internal import Foundation
internal import Generation
internal import GenerationClient
internal import HTTP
internal import JSON
internal import MicroHTTP
internal import Synchronization

/// A language model of another server: OpenAI's routes are passed on to it, and its answers back, as they come.
final class RemoteRoutes: Sendable {
  /// What callers name it.
  let name: String
  /// When it was named, in Unix seconds.
  let created: Int
  let generator: RemoteGenerator
  private let model: String
  private let baseURL: String
  private let header: [String]
  private let mail: ForwardingMail

  /// - Throws: `DataError.unavailable` if the system gives no descriptors.
  init(profile: ServerProfile, model: String, key: APIKey?, name: String, created: Int) throws {
    self.name = name
    self.created = created
    self.model = model
    baseURL = profile.baseURL
    header = ["Content-Type: application/json"] + (key.map { [$0.header] } ?? [])
    generator = try RemoteGenerator(server: profile, model: model, key: key)
    let loop = ForwardingLoop(try TransferLoop())
    mail = loop.mail
    Thread.detachNewThread { loop.run() }
  }

  deinit { mail.close() }

  /// - Parameter number: of the call, which is admitted and is over and closed once.
  func forward(_ body: [UInt8], to route: Route, _ number: Int, _ reply: Reply, _ registry: CallRegistry) {
    do throws(APIError) {
      guard route == .completions || route == .chat else {
        throw APIError(
          status: 404, message: "The model is another server's; ask it at \(baseURL).", type: "NotFoundError")
      }
      var request = HTTPRequest(url: baseURL + route.rawValue.dropFirst("/v1".count), headers: header)
      request.body = try named(body)
      let call = ForwardedCall(number: number, request: request, reply: reply, registry: registry)
      registry.add(call)
      call.cancelled = { [mail] in mail.cancel(number) }
      mail.post(call)
      reply.responder.onClose { _ in call.closed() }
    } catch {
      registry.isOver()
      registry.closed(number: number)
      reply.refuse(error)
    }
  }

  /// The body with that server's name of the model.
  private func named(_ body: [UInt8]) throws(APIError) -> [UInt8] {
    let value: JSONValue
    do { value = try body.withUnsafeBytes { try JSONValue.parse($0) } } catch {
      throw .malformed("the body is no JSON: \(error)", "body")
    }
    guard var members = value.object else {
      throw .malformed("the body should be a JSON object, not \(value.kind)", "body")
    }
    if let given = value["model"]?.string, !given.isEmpty, given != name { throw .unknownModel(given, served: name) }
    members.removeAll { $0.name == "model" }
    members.append(JSONMember(name: "model", value: .string(model)))
    return JSONValue.object(members).json
  }
}
