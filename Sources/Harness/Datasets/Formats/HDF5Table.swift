import CHDF5
import Files
import Synchronization

/// One two-dimensional dataset of an HDF5 file, as ann-benchmarks.com lays them out.
struct HDF5Table {
  var path: String
  var name: String
  private(set) var shape: VectorShape
  private let isFloat: Bool

  /// - Throws: `DataError.corrupt` if the file is no HDF5, has no such table, or the table's storage belies its shape.
  init(path: String, name: String) throws {
    self.path = path
    self.name = name
    (shape, isFloat) = try HDF5Handle.library.withLock { _ in
      let opened = try HDF5Table.open(path: path, name: name)
      return (opened.shape, opened.isFloat)
    }
  }

  /// Whether the file has the table.
  static func exists(_ name: String, in path: String) throws -> Bool {
    try HDF5Handle.library.withLock { _ in
      try openFile(path).use { H5Lexists($0, name, ragmeter_h5_default()) > 0 }
    }
  }

  /// The text of an attribute of the file itself, if it is there and is text.
  static func attribute(_ name: String, of path: String) throws -> String? {
    try HDF5Handle.library.withLock { _ in
      let file = try openFile(path)
      guard file.use({ H5Aexists($0, name) }) > 0 else { return nil }
      let failure = DataError.corrupt(path: path, at: "attribute '\(name)'", reason: "cannot be read")
      let attribute = try HDF5Handle(
        file.use { H5Aopen($0, name, ragmeter_h5_default()) }, close: H5Aclose, orThrow: failure)
      let type = try HDF5Handle(attribute.use(H5Aget_type), close: H5Tclose, orThrow: failure)
      guard type.use(H5Tget_class) == H5T_STRING else { return nil }
      if type.use(H5Tis_variable_str) > 0 {
        var text: UnsafeMutablePointer<CChar>?
        let code = attribute.use { attribute in type.use { H5Aread(attribute, $0, &text) } }
        guard code >= 0, let text else { throw failure }
        defer { H5free_memory(text) }
        return String(cString: text)
      }
      let size = type.use(H5Tget_size)
      guard size > 0, size <= 4096 else { return nil }
      var text = [UInt8](repeating: 0, count: size)
      let code = attribute.use { attribute in type.use { H5Aread(attribute, $0, &text) } }
      guard code >= 0 else { throw failure }
      return String(decoding: text.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  func read(limit: Int?) throws -> VectorSet {
    let values = try HDF5Handle.library.withLock { _ in try readValues(limit: limit) }
    // Integers of more than 24 bits would be rounded.
    if !isFloat, let bad = values.firstIndex(where: { abs($0) >= 16_777_216 }) {
      throw DataError.corrupt(
        path: path, at: "table '\(name)', row \(bad / shape.dimension)",
        reason: "component \(bad % shape.dimension) is an integer that float32 cannot hold exactly")
    }
    if let bad = NonFinite.first(in: values) {
      throw DataError.corrupt(
        path: path, at: "table '\(name)', row \(bad / shape.dimension)",
        reason: "component \(bad % shape.dimension) is \(values[bad]); vectors must be finite")
    }
    return try VectorSet(dimension: shape.dimension, values: values)
  }

  private func readValues(limit: Int?) throws -> [Float] {
    let opened = try HDF5Table.open(path: path, name: name)
    let rows = min(shape.rows, limit ?? shape.rows)
    let failure = DataError.corrupt(path: path, at: "table '\(name)'", reason: "its rows cannot be read")
    let space = try HDF5Handle(opened.table.use(H5Dget_space), close: H5Sclose, orThrow: failure)
    let origin: [hsize_t] = [0, 0]
    let extent: [hsize_t] = [hsize_t(rows), hsize_t(shape.dimension)]
    let selected = space.use { H5Sselect_hyperslab($0, H5S_SELECT_SET, origin, nil, extent, nil) }
    guard selected >= 0 else { throw failure }
    let memory = try HDF5Handle(H5Screate_simple(2, extent, nil), close: H5Sclose, orThrow: failure)
    return try Array(unsafeUninitializedCapacity: rows * shape.dimension) { buffer, count in
      let code = opened.table.use { table in
        memory.use { memory in
          space.use { H5Dread(table, ragmeter_h5_float(), memory, $0, ragmeter_h5_default(), buffer.baseAddress) }
        }
      }
      guard code >= 0 else { throw failure }
      count = rows * shape.dimension
    }
  }

  private static func openFile(_ path: String) throws -> HDF5Handle {
    _ = ragmeter_h5_quiet()
    // The mapping says in the same words as for other formats why a file cannot be opened.
    let bytes = try FileBytes(path: path)
    let magic: [UInt8] = [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a]
    guard bytes.bytes.prefix(8).elementsEqual(magic) else {
      throw bytes.corrupt(at: 0, "does not begin with HDF5's signature")
    }
    return try HDF5Handle(
      H5Fopen(path, ragmeter_h5_read_only(), ragmeter_h5_default()), close: H5Fclose,
      orThrow: bytes.corrupt(at: bytes.count, "libhdf5 cannot open it; it is cut short or damaged"))
  }

  /// A table that is open, with the file that holds it.
  private struct Opened {
    var file: HDF5Handle
    var table: HDF5Handle
    var shape: VectorShape
    var isFloat: Bool
  }

  private static func open(path: String, name: String) throws -> Opened {
    func corrupt(_ reason: String) -> DataError { .corrupt(path: path, at: "table '\(name)'", reason: reason) }
    let file = try openFile(path)
    guard file.use({ H5Lexists($0, name, ragmeter_h5_default()) }) > 0 else {
      throw corrupt("the file has no such table")
    }
    let table = try HDF5Handle(
      file.use { H5Dopen2($0, name, ragmeter_h5_default()) }, close: H5Dclose, orThrow: corrupt("cannot be opened"))
    let space = try HDF5Handle(table.use(H5Dget_space), close: H5Sclose, orThrow: corrupt("has no shape"))
    guard space.use(H5Sget_simple_extent_ndims) == 2 else { throw corrupt("is no table of rows and columns") }
    var lengths: [hsize_t] = [0, 0]
    guard space.use({ H5Sget_simple_extent_dims($0, &lengths, nil) }) == 2 else { throw corrupt("has no shape") }
    let type = try HDF5Handle(table.use(H5Dget_type), close: H5Tclose, orThrow: corrupt("has no element type"))
    guard [H5T_FLOAT, H5T_INTEGER].contains(type.use(H5Tget_class)) else { throw corrupt("does not hold numbers") }
    guard lengths[0] > 0 else { throw corrupt("is empty") }
    guard lengths[1] > 0, lengths[1] <= RowLayout.largestDimension else {
      throw corrupt("says dimension \(lengths[1]), which no vector has")
    }
    // A table may claim rows that were never written. Deflate shrinks at most 1032-fold (zlib's technical details).
    let stored = table.use(H5Dget_storage_size)
    let needed = lengths[0].multipliedFullWidth(by: lengths[1] * hsize_t(type.use(H5Tget_size)))
    guard needed.high == 0, needed.low / 1100 <= stored else {
      throw corrupt("says \(lengths[0]) × \(lengths[1]), and only \(stored) bytes are stored")
    }
    return Opened(
      file: file, table: table, shape: VectorShape(rows: Int(lengths[0]), dimension: Int(lengths[1])),
      isFloat: type.use(H5Tget_class) == H5T_FLOAT)
  }
}
