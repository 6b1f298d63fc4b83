import Files
import Foundation

/// An `.fbin` file in the making, which survives interruption: rows are appended to `FILE.part`, and `FILE.part.json` says how
/// many of them are on disk and what they were made of.
public final class DerivedVectorFile {
  private let path: String
  private let handle: FileHandle
  public private(set) var provenance: DerivedProvenance

  private var part: String { "\(path).part" }
  private static let header = 8

  /// Goes on with what is there, where it has the same recipe, version and dimension, and begins anew otherwise.
  ///
  /// - Throws: `DataError.unavailable` if the folder cannot be written.
  init(path: String, recipe: CatalogDerivation, version: Int, dimension: Int) throws {
    self.path = path
    provenance = DerivedProvenance(recipe: recipe, version: version, dimension: dimension)
    let part = "\(path).part"
    if let earlier = Self.provenance(beside: part), earlier.recipe == recipe, earlier.version == version,
      earlier.dimension == dimension, earlier.rows > 0
    {
      provenance = earlier
    }
    let descriptor = open(part, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else {
      throw DataError.unavailable(name: part, reason: "cannot be written: \(String(cString: strerror(errno)))")
    }
    handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    if try tried({ try handle.seekToEnd() }) < length { provenance.rows = 0 }
    // What was written after the last note is not known to be whole.
    try tried {
      try handle.truncate(atOffset: length)
      try handle.seekToEnd()
    }
  }

  /// Rows that are on disk.
  public var rows: Int { provenance.rows }

  private var length: UInt64 {
    rows == 0 ? 0 : UInt64(Self.header + rows * provenance.dimension * MemoryLayout<Float>.size)
  }

  /// Says what the vectors are made of. Rows of an earlier attempt from other sources are thrown away.
  public func begin(sources: [String: String]) throws {
    guard sources != provenance.sources || rows == 0 else { return }
    provenance = DerivedProvenance(
      recipe: provenance.recipe, version: provenance.version, dimension: provenance.dimension)
    provenance.sources = sources
    try tried {
      try handle.truncate(atOffset: 0)
      try handle.write(contentsOf: header())
    }
  }

  /// Writes whole rows and notes that they are there.
  ///
  /// - Throws: `DataError.invalid` if the values do not fill rows, `.unavailable` if they cannot be written.
  public func append(_ values: [Float], truncatedTokens: [Int]) throws {
    guard values.count.isMultiple(of: provenance.dimension) else {
      throw DataError.invalid("\(values.count) values do not fill rows of \(provenance.dimension)")
    }
    try tried {
      try values.withUnsafeBytes { try handle.write(contentsOf: Data($0)) }
      try handle.synchronize()
    }
    provenance.rows += values.count / provenance.dimension
    provenance.truncatedTexts += truncatedTokens.count { $0 > 0 }
    provenance.truncatedTokens += truncatedTokens.reduce(0, +)
    try Self.write(provenance, beside: part)
  }

  /// Puts the finished file in place, its provenance first, so that no file stands there without one.
  func commit() throws {
    try tried {
      try handle.seek(toOffset: 0)
      try handle.write(contentsOf: header())
      try handle.synchronize()
    }
    provenance.sha256 = try FileBytes(path: part, inflating: false).sha256
    try Self.write(provenance, beside: path)
    guard rename(part, path) == 0 else {
      throw DataError.unavailable(name: path, reason: "cannot be put in place: \(String(cString: strerror(errno)))")
    }
    unlink("\(part).json")
  }

  private func header() -> Data {
    [UInt32(rows), UInt32(provenance.dimension)].map(\.littleEndian).withUnsafeBytes { Data($0) }
  }

  /// What stands beside a file; nil where there is nothing of this version.
  static func provenance(beside path: String) -> DerivedProvenance? {
    guard let text = try? FileBytes(path: "\(path).json").text,
      let read = try? JSONDecoder().decode(DerivedProvenance.self, from: Data(text.utf8)),
      read.schema == DerivedProvenance.schema
    else { return nil }
    return read
  }

  private static func write(_ provenance: DerivedProvenance, beside path: String) throws {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let text = try? encoder.encode(provenance) else {
      throw DataError.invalid("the provenance of \(path) cannot be encoded")
    }
    let file = try AtomicFile(path: "\(path).json")
    try text.withUnsafeBytes { try file.write($0) }
    try file.write("\n")
    try file.commit()
  }

  @discardableResult
  private func tried<Value>(_ work: () throws -> Value) throws -> Value {
    do {
      return try work()
    } catch {
      throw DataError.unavailable(name: part, reason: "cannot be written: \(error.localizedDescription)")
    }
  }
}
