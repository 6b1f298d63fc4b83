import Files

/// One table of vectors in a file.
public struct VectorFile: Sendable, Equatable {
  public var path: String
  public var format: VectorFormat
  /// HDF5 alone: the table's name; `train` unless told.
  public var table: String?
  /// TSV and CSV alone: the column, counted from 1, that holds an id and no component.
  public var idColumn: Int?

  /// - Throws: `DataError.invalid` if no format is given and the name tells none.
  public init(path: String, format: VectorFormat? = nil, table: String? = nil, idColumn: Int? = nil) throws {
    self.path = path
    self.format = try format ?? .detect(path: path)
    self.table = table
    self.idColumn = idColumn
  }

  /// The shape, from the header where the format has one.
  ///
  /// - Throws: `DataError.corrupt` or `.unavailable`, as `read` does.
  public func shape() throws -> VectorShape {
    switch format {
    case .hdf5: return try HDF5Table(path: path, name: table ?? "train").shape
    case .tsv, .csv: return try DelimitedText(path: path, idColumn: idColumn).shape()
    default:
      let layout = try RowLayout(of: FileBytes(path: path), format: format)
      return VectorShape(rows: layout.rows, dimension: layout.dimension)
    }
  }

  /// The first `limit` rows, or all, as float32. Integers that float32 cannot hold exactly are refused.
  ///
  /// - Throws: `DataError.corrupt`, naming the byte or the line, for a file that is cut short, goes on after its end,
  ///   says what it cannot hold, changes dimension, or holds NaN or infinity; `.unavailable` if it cannot be read.
  /// - Complexity: linear in the rows read; nothing is allocated on the word of a header that the file's size belies.
  public func read(limit: Int? = nil) throws -> VectorSet {
    if let limit, limit < 1 {
      throw DataError.invalid("\(limit) rows of '\(path)' were asked for; ask for at least one")
    }
    switch format {
    case .hdf5: return try HDF5Table(path: path, name: table ?? "train").read(limit: limit)
    case .tsv, .csv: return try DelimitedText(path: path, idColumn: idColumn).read(limit: limit)
    default:
      let file = try FileBytes(path: path)
      return try RowLayout(of: file, format: format).read(file, limit: limit)
    }
  }
}
