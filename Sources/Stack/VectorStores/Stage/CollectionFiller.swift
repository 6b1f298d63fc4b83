/// Fills a collection with rows whose vectors are given, or made of their texts; a `TextSearchStore` makes them itself.
///
/// A collection that is not there is created for the first batch: its dimension and the kind of its keys are that batch's.
public struct CollectionFiller {
  /// Vectors of some texts.
  public struct TextVectors: Sendable {
    public var dimension: Int
    /// `texts × dimension`, row-major.
    public var values: [Float]
    /// Texts of which an end was cut off.
    public var truncated: Int

    public init(dimension: Int, values: [Float], truncated: Int) {
      self.dimension = dimension
      self.values = values
      self.truncated = truncated
    }
  }

  /// What was done so far.
  public struct Report: Sendable, Equatable {
    public var rows = 0
    /// Rows that replaced older ones.
    public var replaced = 0
    /// Texts that were embedded, and those of them whose end was cut off.
    public var texts = 0
    public var truncated = 0
  }

  private let store: any VectorStore
  /// Its dimension and keys are the first batch's where there is no such collection yet.
  private var schema: CollectionSchema
  private let replaces: Bool
  private let embed: (([String]) throws -> TextVectors)?
  private var isThere = false
  public private(set) var report = Report()

  /// - Parameters:
  ///   - schema: of the collection, if it has to be made.
  ///   - replaces: whether a row replaces one with its key, or is refused.
  public init(
    store: any VectorStore, schema: CollectionSchema, replaces: Bool, embed: (([String]) throws -> TextVectors)?
  ) throws {
    self.store = store
    self.schema = schema
    self.replaces = replaces
    self.embed = embed
    if let present = try store.collections().first(where: { $0.schema.name == schema.name }) {
      self.schema = present.schema
      isThere = true
    }
  }

  /// Stores one batch, all or nothing; it is acknowledged when this returns.
  ///
  /// - Throws: `VectorStoreError`, what `embed` throws.
  public mutating func add(_ lines: [RowLine]) throws {
    guard let first = lines.first else { return }
    var rows = lines.map(\.row)
    let asked = lines.indices.filter { lines[$0].text != nil }
    let isServersWork = embed == nil && store is any TextSearchStore
    if isServersWork { report.texts += asked.count }
    if !asked.isEmpty, !isServersWork {
      guard let embed else {
        throw VectorStoreError.invalidRow(row: asked[0], reason: "has a text and no vector; name an embedder")
      }
      let made = try embed(asked.compactMap { lines[$0].text })
      for (place, index) in asked.enumerated() {
        rows[index].vector = Array(made.values[place * made.dimension..<(place + 1) * made.dimension])
      }
      report.truncated += made.truncated
      report.texts += asked.count
    }
    if !isThere {
      if !isServersWork { schema.dimension = rows[0].vector.count }
      if case .string = first.row.key { schema.keyType = .string }
      schema.autoID = first.row.key == nil
      try store.create(schema)
      isThere = true
    }
    let result = try replaces ? store.upsert(rows, into: schema.name) : store.insert(rows, into: schema.name)
    report.rows += result.keys.count
    report.replaced += result.replaced
  }

  /// Brings the index up to date.
  public func finish() throws {
    if isThere { try store.optimize(collection: schema.name) }
  }
}
