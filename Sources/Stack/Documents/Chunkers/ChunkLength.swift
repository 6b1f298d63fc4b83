/// How long a chunk may be, and how much neighbours may share, in Unicode scalars.
public struct ChunkLength: Sendable, Equatable {
  public let size: Int
  public let overlap: Int

  /// - Throws: `ChunkerError` unless size ≥ 1 and 0 ≤ overlap ≤ size.
  public init(size: Int, overlap: Int) throws {
    guard size >= 1 else { throw ChunkerError("size is \(size); a chunk holds at least 1 character") }
    guard overlap >= 0, overlap <= size else {
      throw ChunkerError("overlap is \(overlap); it must be from 0 to the size, \(size)")
    }
    self.size = size
    self.overlap = overlap
  }
}
