import Checksums
import Files
import Glibc

/// Ground truth on disk, found by what was asked of which bytes.
///
/// A file is: `RMGT`, then little-endian uint32 version, k, queries and base rows, the rows (int32), the distances
/// (float32), and the SHA-256 of all before it as 64 hexadecimal digits.
public struct GroundTruthCache: Sendable {
  /// Made when the first entry is stored.
  public let folder: String

  private static let magic = Array("RMGT".utf8)
  private static let version: UInt32 = 1
  private static let headerBytes = 20
  private static let checksumBytes = 64

  public init(folder: String) { self.folder = folder }

  /// Where an entry lies.
  public func path(of dataset: VectorDataset, k: Int) -> String {
    "\(folder)/\(dataset.contentHash)-\(dataset.metric.rawValue)-k\(k).truth"
  }

  /// What was stored; `nil` where nothing was, and where the file is damaged or answers another question, so that it is
  /// computed and stored anew.
  public func load(of dataset: VectorDataset, k: Int) -> GroundTruth? {
    guard let file = try? FileBytes(path: path(of: dataset, k: k)) else { return nil }
    let cells = dataset.queries.count * k
    let payload = Self.headerBytes + cells * 8
    guard file.count == payload + Self.checksumBytes,
      file.bytes.prefix(4).elementsEqual(Self.magic),
      file.load(4, as: UInt32.self) == Self.version,
      Int(file.load(8, as: UInt32.self)) == k,
      Int(file.load(12, as: UInt32.self)) == dataset.queries.count,
      Int(file.load(16, as: UInt32.self)) == dataset.base.count,
      SHA256.hex(of: UnsafeRawBufferPointer(rebasing: file.bytes[..<payload]))
        == String(decoding: file.bytes[payload...], as: UTF8.self)
    else { return nil }
    let neighbors = (0..<cells).map { file.load(Self.headerBytes + $0 * 4, as: Int32.self) }
    guard neighbors.allSatisfy({ dataset.base.values.indices.contains(Int($0) * dataset.base.dimension) }) else {
      return nil
    }
    let distances = (0..<cells).map {
      Float(bitPattern: file.load(Self.headerBytes + cells * 4 + $0 * 4, as: UInt32.self))
    }
    return GroundTruth(k: k, neighbors: neighbors, distances: distances)
  }

  /// Stores whole or not at all; two processes that store the same do no harm.
  ///
  /// - Throws: `DataError.unavailable` if the folder cannot be written, `.invalid` if the truth is of another set.
  public func store(_ truth: GroundTruth, of dataset: VectorDataset) throws {
    let cells = dataset.queries.count * truth.k
    guard truth.neighbors.count == cells, truth.distances.count == cells else {
      throw DataError.invalid(
        "ground truth of \(truth.neighbors.count) neighbours is not of \(dataset.queries.count) queries and k \(truth.k)"
      )
    }
    try Folder.make(folder)
    var bytes = Self.magic
    for number in [Self.version, UInt32(truth.k), UInt32(dataset.queries.count), UInt32(dataset.base.count)] {
      withUnsafeBytes(of: number.littleEndian) { bytes += $0 }
    }
    for row in truth.neighbors { withUnsafeBytes(of: row.littleEndian) { bytes += $0 } }
    for distance in truth.distances { withUnsafeBytes(of: distance.bitPattern.littleEndian) { bytes += $0 } }
    bytes += bytes.withUnsafeBytes { Array(SHA256.hex(of: $0).utf8) }
    let file = try AtomicFile(path: path(of: dataset, k: truth.k))
    try bytes.withUnsafeBytes { try file.write($0) }
    try file.commit()
  }
}
