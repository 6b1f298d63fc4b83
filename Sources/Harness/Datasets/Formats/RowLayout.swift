import Files

/// Where the rows of a binary file lie; a layout exists only for a file whose size bears it out.
struct RowLayout {
  /// How one component is stored, little-endian.
  enum Element {
    case float16, float32, float64, int8, uint8, int32, int64

    var size: Int {
      switch self {
      case .int8, .uint8: 1
      case .float16: 2
      case .float32, .int32: 4
      case .float64, .int64: 8
      }
    }
  }

  /// More than any embedding has; larger ones are headers read from the wrong file.
  static let largestDimension = 1 << 20

  var rows: Int
  var dimension: Int
  /// Offset of the first component, and the distance from row to row, in bytes.
  var start: Int
  var stride: Int
  var element: Element

  /// - Throws: `DataError.corrupt` where the header and the file's size disagree.
  init(of file: FileBytes, format: VectorFormat) throws {
    switch format {
    case .fvecs: try self.init(vecs: file, element: .float32)
    case .ivecs: try self.init(vecs: file, element: .int32)
    case .bvecs: try self.init(vecs: file, element: .uint8)
    case .fbin: try self.init(bin: file, element: .float32)
    case .u8bin: try self.init(bin: file, element: .uint8)
    case .i8bin: try self.init(bin: file, element: .int8)
    case .ibin: try self.init(bin: file, element: .int32)
    case .npy: try self.init(npy: file)
    case .idx: try self.init(idx: file)
    case .tsv, .csv, .hdf5: throw DataError.invalid("'\(file.path)' is no file of fixed rows")
    }
  }

  /// Rows without gaps from `start` to the very end of the file.
  init(dense file: FileBytes, rows: Int, dimension: Int, start: Int, element: Element) throws {
    guard dimension > 0, dimension <= RowLayout.largestDimension else {
      throw file.corrupt(at: 0, "the header says dimension \(dimension), which no vector has")
    }
    guard rows > 0 else { throw file.corrupt(at: 0, "the header says there are \(rows) rows; at least one is needed") }
    let stride = dimension * element.size
    let (payload, overflows) = rows.multipliedReportingOverflow(by: stride)
    let present = file.count - start
    guard !overflows, payload <= present else {
      throw file.corrupt(
        at: file.count,
        "cut short: the header promises \(rows) rows of dimension \(dimension), and \(max(present, 0) / stride) are there"
      )
    }
    guard payload == present else {
      throw file.corrupt(at: start + payload, "\(present - payload) bytes follow the last of \(rows) rows")
    }
    self.rows = rows
    self.dimension = dimension
    self.start = start
    self.stride = stride
    self.element = element
  }

  private init(vecs file: FileBytes, element: Element) throws {
    guard file.count >= 4 else { throw file.corrupt(at: file.count, "cut short: no room for a dimension") }
    let dimension = Int(file.load(0, as: Int32.self))
    guard dimension > 0, dimension <= RowLayout.largestDimension else {
      throw file.corrupt(at: 0, "the first row says dimension \(dimension), which no vector has")
    }
    let stride = 4 + dimension * element.size
    let rows = file.count / stride
    for row in 0..<rows where file.load(row * stride, as: Int32.self) != dimension {
      throw file.corrupt(
        at: row * stride,
        "row \(row) says dimension \(file.load(row * stride, as: Int32.self)), the rows before it \(dimension)")
    }
    guard file.count.isMultiple(of: stride) else {
      throw file.corrupt(
        at: rows * stride, "cut short: row \(rows) has \(file.count - rows * stride) of \(stride) bytes")
    }
    self.rows = rows
    self.dimension = dimension
    self.start = 4
    self.stride = stride
    self.element = element
  }

  private init(bin file: FileBytes, element: Element) throws {
    guard file.count >= 8 else {
      throw file.corrupt(at: file.count, "cut short: no room for the 8 bytes of the header")
    }
    try self.init(
      dense: file, rows: Int(file.load(0, as: UInt32.self)), dimension: Int(file.load(4, as: UInt32.self)), start: 8,
      element: element)
  }

  /// Magic 0 0 8 n (unsigned bytes, n axes), then n big-endian uint32; the axes after the first make up one vector.
  private init(idx file: FileBytes) throws {
    guard file.count >= 4 else { throw file.corrupt(at: file.count, "cut short: no room for idx's magic number") }
    guard file.load(0, as: UInt16.self) == 0 else {
      throw file.corrupt(at: 0, "does not begin with idx's magic number")
    }
    guard file.bytes[2] == 8 else {
      throw file.corrupt(at: 2, "idx of element type \(file.bytes[2]); only unsigned bytes (8) hold vectors here")
    }
    let axes = Int(file.bytes[3])
    guard axes >= 2 else { throw file.corrupt(at: 3, "idx with \(axes) axes holds no vectors; labels have one axis") }
    guard axes <= 8 else { throw file.corrupt(at: 3, "idx with \(axes) axes; at most 8 make sense") }
    guard file.count >= 4 + 4 * axes else { throw file.corrupt(at: file.count, "cut short within the header") }
    let lengths = (0..<axes).map {
      Int(UInt32(bigEndian: file.bytes.loadUnaligned(fromByteOffset: 4 + 4 * $0, as: UInt32.self)))
    }
    let dimension = lengths.dropFirst().reduce(1) { $0.multipliedReportingOverflow(by: $1).partialValue }
    guard lengths.dropFirst().allSatisfy({ $0 <= RowLayout.largestDimension }) else {
      throw file.corrupt(at: 8, "the header says axes of \(lengths), which no vector has")
    }
    try self.init(dense: file, rows: lengths[0], dimension: dimension, start: 4 + 4 * axes, element: .uint8)
  }
}
