public import VectorIndexes

/// Which writes a search must see.
public enum Consistency: String, Sendable, CaseIterable {
  /// Every write that was acknowledged before the search began.
  case strong = "Strong"
  /// What the last optimised index holds.
  case eventually = "Eventually"
}

/// Which fields an answer carries.
public enum OutputFields: Sendable, Equatable {
  case none
  case all
  case named([String])
}

/// Rows by filter.
public struct QueryRequest: Sendable, Equatable {
  /// A filter expression; `nil` for every row.
  public var filter: String?
  public var outputFields: OutputFields
  public var includesVectors: Bool
  public var limit: Int?
  public var offset: Int

  public init(
    filter: String? = nil, outputFields: OutputFields = .all, includesVectors: Bool = false, limit: Int? = nil,
    offset: Int = 0
  ) {
    self.filter = filter
    self.outputFields = outputFields
    self.includesVectors = includesVectors
    self.limit = limit
    self.offset = offset
  }
}

/// The nearest rows to some vectors.
public struct SearchRequest: Sendable, Equatable {
  /// `queries × dimension`, row-major.
  public var vectors: [Float]
  public var limit: Int
  public var filter: String?
  public var outputFields: OutputFields
  public var consistency: Consistency
  public var parameters: SearchParameters
  public var threads: Int

  public init(
    vectors: [Float], limit: Int, filter: String? = nil, outputFields: OutputFields = .none,
    consistency: Consistency = .strong, parameters: SearchParameters = SearchParameters(), threads: Int = 1
  ) {
    self.vectors = vectors
    self.limit = limit
    self.filter = filter
    self.outputFields = outputFields
    self.consistency = consistency
    self.parameters = parameters
    self.threads = threads
  }
}

/// One answer of a search.
public struct SearchHit: Sendable, Equatable {
  public var key: PrimaryKey
  /// Under the collection's metric as Milvus states it: similarity for IP and COSINE, squared distance for L2.
  public var distance: Float
  public var fields: [String: FieldValue]

  public init(key: PrimaryKey, distance: Float, fields: [String: FieldValue] = [:]) {
    self.key = key
    self.distance = distance
    self.fields = fields
  }
}

/// What a store refuses, each as one sentence that says what to do next.
public enum VectorStoreError: Error, Equatable, CustomStringConvertible {
  /// A value of the wrong size or range: what it was and what would be right.
  case invalidArgument(String)
  /// Row `row` of a batch cannot be stored; nothing of the batch is.
  case invalidRow(row: Int, reason: String)
  case noSuchCollection(String, known: [String])
  case collectionExists(String)
  case duplicateKey(PrimaryKey, row: Int)
  /// A filter that does not parse: the column, counted from 1 in Unicode scalars, and what was expected there.
  case invalidFilter(filter: String, column: Int, reason: String)
  /// The file cannot be opened, is another program's, damaged, or held by another process.
  case unusable(path: String, reason: String)
  /// An outside store failed or cannot be reached.
  case remote(name: String, reason: String)
  /// An outside store cannot do this at all.
  case unsupported(name: String, reason: String)

  public var description: String {
    switch self {
    case .invalidArgument(let sentence): sentence
    case .invalidRow(let row, let reason): "row \(row) of the batch \(reason); nothing of the batch was stored"
    case .noSuchCollection(let name, let known):
      "no collection is called '\(name)'; \(known.isEmpty ? "there is none yet" : "there are \(known.joined(separator: ", "))")"
    case .collectionExists(let name):
      "a collection called '\(name)' is already there; drop it first or choose another name"
    case .duplicateKey(let key, let row):
      "row \(row) of the batch has the key \(key), which is already taken; nothing of the batch was stored; upsert replaces rows"
    case .invalidFilter(let filter, let column, let reason): "filter '\(filter)': column \(column): \(reason)"
    case .unusable(let path, let reason): "\(path): \(reason)"
    case .remote(let name, let reason), .unsupported(let name, let reason): "\(name): \(reason)"
    }
  }
}

extension PrimaryKey: CustomStringConvertible {
  public var description: String {
    switch self {
    case .integer(let number): "\(number)"
    case .string(let text): "'\(text)'"
    }
  }
}
