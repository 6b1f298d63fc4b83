package import Datasets

/// An engine that takes vectors in while it answers.
package protocol LiveEngine: SearchEngine, Sendable {
  /// Inserts rows of the set that the engine was built from, under their row numbers. May be called while other threads
  /// search.
  func insert(_ vectors: VectorSet, rows: Range<Int>) throws

  /// A search for one thread: given queries and a row of them, it asks and answers the nanoseconds that took.
  ///
  /// - Throws: for parameters the engine does not have.
  func liveSearch(k: Int, parameters: [String: String]) throws -> (_ queries: VectorSet, _ row: Int) throws -> UInt64
}
