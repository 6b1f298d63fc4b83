import Files

/// Writing vectors in any format but HDF5 and idx.
extension VectorFile {
  /// Writes `set` to a file, which appears whole or not at all.
  ///
  /// - Throws: `DataError.invalid` for a format that is only read, and for a value that the format's integers cannot
  ///   hold exactly; `.unavailable` if the file cannot be written.
  public static func write(_ set: VectorSet, to path: String, format: VectorFormat? = nil) throws {
    let format = try format ?? .detect(path: path)
    guard !path.hasSuffix(".gz") else {
      throw DataError.invalid("'\(path)': compressed files are only read; leave out .gz")
    }
    let header = try header(of: set, format: format)
    let file = try AtomicFile(path: path)
    try header.withUnsafeBytes { try file.write($0) }
    var block: [UInt8] = []
    for row in 0..<set.count {
      try append(set, row: row, format: format, to: &block)
      if block.count >= 1 << 20 || row + 1 == set.count {
        try block.withUnsafeBytes { try file.write($0) }
        block.removeAll(keepingCapacity: true)
      }
    }
    try file.commit()
  }

  private static func header(of set: VectorSet, format: VectorFormat) throws -> [UInt8] {
    switch format {
    case .fvecs, .ivecs, .bvecs, .tsv, .csv: return []
    case .fbin, .u8bin, .i8bin, .ibin:
      guard set.count <= UInt32.max else {
        throw DataError.invalid("\(set.count) rows are more than a .\(format.rawValue) file can count")
      }
      return littleEndian(UInt32(set.count)) + littleEndian(UInt32(set.dimension))
    case .npy:
      let text = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(set.count), \(set.dimension)), }"
      // Data begin on a multiple of 64 bytes, and the header ends with a newline (numpy.lib.format).
      let padding = (64 - (10 + text.utf8.count + 1) % 64) % 64
      let header = Array(text.utf8) + Array(repeating: UInt8(ascii: " "), count: padding) + [UInt8(ascii: "\n")]
      return [0x93] + Array("NUMPY".utf8) + [1, 0] + littleEndian(UInt16(header.count)) + header
    case .hdf5, .idx:
      throw DataError.invalid("\(format.rawValue) is only read here; write .npy, .fbin or .fvecs instead")
    }
  }

  private static func append(_ set: VectorSet, row: Int, format: VectorFormat, to block: inout [UInt8]) throws {
    let values = set.row(row)
    switch format {
    case .fvecs, .ivecs, .bvecs: block += littleEndian(Int32(set.dimension))
    default: break
    }
    func integers<Stored: FixedWidthInteger>(_ type: Stored.Type) throws {
      for (column, value) in values.enumerated() {
        guard let stored = Stored(exactly: value) else {
          throw DataError.invalid(
            "row \(row), component \(column) is \(value), which .\(format.rawValue) cannot hold; write .fbin, .fvecs or .npy"
          )
        }
        block += littleEndian(stored)
      }
    }
    switch format {
    case .fvecs, .fbin, .npy: for value in values { block += littleEndian(value.bitPattern) }
    case .bvecs, .u8bin: try integers(UInt8.self)
    case .i8bin: try integers(Int8.self)
    case .ivecs, .ibin: try integers(Int32.self)
    case .tsv, .csv:
      // Swift prints the shortest decimal that reads back as the same float.
      let line = values.map { $0 == $0.rounded() && abs($0) < 1e7 ? "\(Int($0))" : "\($0)" }
      block += Array((line.joined(separator: format == .tsv ? "\t" : ",") + "\n").utf8)
    case .hdf5, .idx: break
    }
  }

  private static func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
  }
}
