import Files

/// How a file stores vectors.
public enum VectorFormat: String, Sendable, CaseIterable {
  /// One row after the other, each led by its dimension as int32 (corpus-texmex.irisa.fr).
  case fvecs, ivecs, bvecs
  /// uint32 count and dimension, then the rows (big-ann-benchmarks.com).
  case fbin, u8bin, i8bin, ibin
  /// NumPy's format, versions 1 and 2 (numpy.lib.format).
  case npy
  /// One row a line.
  case tsv, csv
  /// The tables `train` and `test` of ann-benchmarks.com.
  case hdf5
  /// MNIST's format (yann.lecun.com/exdb/mnist).
  case idx

  /// The format that a file's name tells, `.gz` left aside.
  ///
  /// - Throws: `DataError.invalid` if the name tells none.
  public static func detect(path: String) throws -> VectorFormat {
    var name = path.split(separator: "/").last.map { $0.lowercased() } ?? ""
    if name.hasSuffix(".gz") { name.removeLast(3) }
    if name.hasSuffix("-ubyte") || name.hasSuffix(".ubyte") { return .idx }
    let suffix = name.split(separator: ".").last.map(String.init) ?? ""
    switch suffix {
    case "h5", "he5": return .hdf5
    case "txt": return .tsv
    default:
      guard name.contains("."), let format = VectorFormat(rawValue: suffix) else {
        let known = allCases.map { ".\($0.rawValue)" }.joined(separator: " ")
        throw DataError.invalid("'\(path)' does not end in a known format's name; known are \(known)")
      }
      return format
    }
  }
}

/// How many vectors a table holds, and how long they are.
public struct VectorShape: Sendable, Equatable {
  public var rows: Int
  public var dimension: Int

  public init(rows: Int, dimension: Int) {
    self.rows = rows
    self.dimension = dimension
  }
}
