/// What a store asks before it trusts an index with rows, or a file with being the one it wrote.
extension IndexFactory {
  /// Checks vectors as `add` of an index of this specification does.
  ///
  /// - Throws: `invalidArgument`, `invalidVector`.
  /// - Complexity: O(count · dimension).
  package static func check(
    _ vectors: Span<Float>, for specification: IndexSpecification, dimension: Int, metric: DistanceMetric
  ) throws(VectorIndexError) {
    _ = try VectorBatch.validate(vectors, dimension: dimension, metric: metric)
    guard metric != .cosine, try keepsHalves(specification) else { return }
    try HalfFloat.check(vectors, dimension: dimension)
  }

  private static func keepsHalves(_ specification: IndexSpecification) throws(VectorIndexError) -> Bool {
    if let traversal = HNSWParameters.Traversal(rawValue: specification.kind) {
      return try HNSWParameters(traversal: traversal, specification.parameters).originals == .f16
    }
    return specification.parameters["originals"] == "f16"
  }

  /// The first bytes of an index file, whose checksums sum up all of it: two files differ in content only if they differ here.
  ///
  /// - Throws: `fileSystem`, `corruptFile`.
  package static func seal(of path: String) throws(VectorIndexError) -> [UInt8] { try IndexFile.prologue(of: path) }
}
