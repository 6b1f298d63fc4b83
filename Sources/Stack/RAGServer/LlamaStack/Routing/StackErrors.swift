internal import Embedders
internal import Files
internal import Generation
internal import JSON
internal import MicroHTTP
internal import RAGPipeline
internal import VectorStores

extension APIError {
  /// As Llama Stack answers a refusal: `{"detail": …}`.
  var detailResponse: ServedResponse {
    var response = response
    response.body = JSONValue.fields(["detail": .string(message)]).json
    return response
  }

  /// As an event of a stream of its.
  var detailEvent: JSONValue { .fields(["error": .fields(["message": .string("\(status): \(message)")])]) }

  static func notFound(_ message: String) -> APIError {
    APIError(status: 404, message: message, type: "NotFoundError")
  }

  /// What the parts below say, as far as a caller can do something about it.
  static func stack(_ error: any Error) -> APIError {
    switch error {
    case let error as APIError: return error
    case let error as VectorStoreError:
      switch error {
      case .remote: return APIError(status: 502, message: "\(error)", type: "BadGatewayError")
      case .unusable: return .internalError("\(error)")
      default: return .badRequest("\(error)")
      }
    case is EmbedderError, is DataError, is RAGError, is GenerationError: return .badRequest("\(error)")
    case is CancellationError: return .unavailable("The request was given up.", retryAfter: 1)
    default: return .internalError("\(error)")
    }
  }
}
