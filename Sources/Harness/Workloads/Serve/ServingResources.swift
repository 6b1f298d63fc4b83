package import GenerationClient
package import Tokenizers

/// What the serve workload takes from outside. Tests put their own in.
package struct ServingResources {
  /// How the model of a server reads words; nil where nobody here knows.
  package var tokenizer: (ServerChoice) throws -> (any Tokenizer)?
  /// A server that answers, started for it if need be.
  package var open: (ServerChoice, ClientOptions) throws -> any LoadedServer

  package init(
    tokenizer: @escaping (ServerChoice) throws -> (any Tokenizer)?,
    open: @escaping (ServerChoice, ClientOptions) throws -> any LoadedServer
  ) {
    self.tokenizer = tokenizer
    self.open = open
  }
}

/// A server that is put under load.
package protocol LoadedServer: AnyObject {
  /// One load, to its end.
  ///
  /// - Parameter seed: of the arrivals.
  /// - Throws: what keeps the load from being put at all; whatever the server does is counted.
  func measure(_ requests: LoadRequests, _ point: LoadPoint, seed: UInt64) throws -> LoadResult
  /// Why it is gone; nil while it is there, as far as is known.
  var failure: String? { get }
  /// Ends what was started.
  func close()
}
