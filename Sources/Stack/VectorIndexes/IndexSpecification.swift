/// What kind of index to build and with which parameters, by the names the field uses.
///
/// Kinds: `flat`; `ivf`, `ivf-sq8`, `ivf-sq4`, `ivf-pq`; `hnsw`, `hnsw-sq8`, `hnsw-sq4`. Build parameters are strings until the
/// kind reads them, so that a specification can be printed and compared as the user wrote it.
public struct IndexSpecification: Sendable, Equatable {
  public var kind: String
  public var parameters: [String: String]

  public init(kind: String, parameters: [String: String] = [:]) {
    self.kind = kind
    self.parameters = parameters
  }
}
