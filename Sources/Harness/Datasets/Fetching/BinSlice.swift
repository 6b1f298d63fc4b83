import Files
import HTTP

/// The first rows of a larger `.fbin`, `.u8bin` or `.i8bin` file, as a file of its own.
struct BinSlice {
  private let rows: Int
  private let dimension: Int
  /// Header and rows.
  let bytes: Int

  /// - Throws: `DataError.invalid` if the name tells another format.
  init(of name: String, rows: Int, dimension: Int) throws {
    let size =
      switch try VectorFormat.detect(path: name) {
      case .fbin, .ibin: 4
      case .u8bin, .i8bin: 1
      default:
        throw DataError.invalid("first rows can be cut out of .fbin, .u8bin, .i8bin and .ibin, not of '\(name)'")
      }
    self.rows = rows
    self.dimension = dimension
    bytes = 8 + rows * dimension * size
  }

  /// Makes the header count the rows that are here.
  ///
  /// - Throws: `DataError.corrupt` if the whole file has fewer rows, or another dimension.
  func rewriteHeader(of part: PartialFile) throws {
    let file = try FileBytes(path: part.path, inflating: false)
    guard file.count == bytes, file.load(4, as: UInt32.self) == dimension, file.load(0, as: UInt32.self) >= rows else {
      throw file.corrupt(at: 0, "does not begin as a file of at least \(rows) rows of dimension \(dimension)")
    }
    try withUnsafeBytes(of: UInt32(rows).littleEndian) { try part.overwrite(Array($0), at: 0) }
  }
}
