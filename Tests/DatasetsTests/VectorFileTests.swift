import Datasets
import Files
import Foundation
import TestFixtures
import Testing

private let goldens = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appending(path: "Goldens").path

/// x[row][column] = row · 10 + column / 4, as Goldens/make.py writes it.
private let golden: [Float] = (0..<5).flatMap { row in (0..<3).map { Float(row) * 10 + Float($0) / 4 } }

private func read(_ path: String, table: String? = nil, idColumn: Int? = nil, limit: Int? = nil) throws -> VectorSet {
  try VectorFile(path: path, table: table, idColumn: idColumn).read(limit: limit)
}

private func littleEndian(_ numbers: UInt32...) -> [UInt8] {
  numbers.flatMap { number in (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) } }
}

@Suite struct VectorFileTests {
  private let folder = TemporaryFolder()

  @Test(arguments: ["f4", "f8", "f2", "version2"])
  func numpyFloatsAreRead(name: String) throws {
    #expect(try read("\(goldens)/\(name).npy") == VectorSet(dimension: 3, values: golden))
  }

  @Test(arguments: ["i1", "u1", "i4", "i8"])
  func numpyIntegersAreRead(name: String) throws {
    #expect(try read("\(goldens)/\(name).npy").values == golden.map { $0.rounded(.down) })
  }

  @Test(arguments: [
    ("fortran", "byte 10: is stored column by column; write it again with numpy.ascontiguousarray(x)"),
    ("big-endian", "byte 10: holds elements of type '>f4'"),
    ("one-axis", "byte 10: has the shape (3,); rows × dimension is needed"),
  ])
  func numpyThatIsNotReadSaysWhy(name: String, reason: String) {
    #expect(failure { _ = try read("\(goldens)/\(name).npy") }?.contains(reason) == true)
  }

  @Test func hdf5TablesAreRead() throws {
    let tiny = "\(goldens)/tiny-3-angular.hdf5"
    #expect(try read(tiny).values == golden.map { $0 + 1 })
    #expect(try read(tiny, limit: 2) == read(tiny, table: "test"))
    #expect(try read("\(goldens)/bare-3-euclidean.hdf5") == VectorSet(dimension: 3, values: golden))
    #expect(try VectorFile(path: tiny, table: "neighbors").shape() == VectorShape(rows: 2, dimension: 2))
  }

  @Test(arguments: [
    ("none", "the file has no such table"), ("absurd", "says 1000000000 × 128, and only 0 bytes are stored"),
    ("flat", "is no table of rows and columns"), ("words", "does not hold numbers"),
    ("nan", "row 1: component 0 is nan"),
    ("whole", "row 1: component 1 is an integer that float32 cannot hold exactly"),
  ])
  func hdf5TablesThatAreNoVectorsSayWhy(table: String, reason: String) {
    #expect(failure { _ = try read("\(goldens)/odd.hdf5", table: table) }?.contains(reason) == true)
  }

  @Test func damagedHDF5IsRefusedOrRead() throws {
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: "\(goldens)/bare-3-euclidean.hdf5")))
    let short = try folder.file("short.hdf5", Array(whole.prefix(whole.count / 2)))
    #expect(failure { _ = try read(short) }?.contains("cut short or damaged") == true)
    let text = try folder.file("text.hdf5", "no hdf5")
    #expect(failure { _ = try read(text) }?.contains("byte 0: does not begin with HDF5's signature") == true)
    var random = Xoshiro256(seed: 10)
    for _ in 0..<100 {
      var bytes = whole
      bytes[random.below(whole.count)] ^= UInt8(1 + random.below(255))
      let flipped = try folder.file("flipped.hdf5", bytes)
      do { #expect(try read(flipped).values.allSatisfy(\.isFinite)) } catch { #expect(error is DataError) }
    }
    let other = try folder.file("other.hdf5", [whole[0] ^ 1] + whole.dropFirst())
    #expect(failure { _ = try read(other) }?.contains("does not begin with HDF5's signature") == true)
  }

  @Test(arguments: [VectorFormat.fvecs, .fbin, .npy, .tsv, .csv])
  func floatsSurviveARoundTrip(format: VectorFormat) throws {
    var random = Xoshiro256(seed: 7)
    let values = (0..<50 * 17).map { _ in Float(bitPattern: UInt32(truncatingIfNeeded: random.next())) }
      .map { $0.isFinite ? $0 : 3e38 }
    let set = try VectorSet(dimension: 17, values: values)
    let path = "\(folder.path)/round.\(format.rawValue)"
    try VectorFile.write(set, to: path)
    let back = try read(path)
    #expect(back == set)
    #expect(try read(path, limit: 3).values[...] == set.values[..<51])
    #expect(try VectorFile(path: path).shape() == VectorShape(rows: 50, dimension: 17))
  }

  @Test(arguments: [
    (VectorFormat.bvecs, 0...255), (.u8bin, 0...255), (.i8bin, -128...127), (.ivecs, -16_777_216...16_777_216),
    (.ibin, -16_777_216...16_777_216),
  ])
  func integersSurviveARoundTrip(format: VectorFormat, range: ClosedRange<Int>) throws {
    var random = Xoshiro256(seed: 8)
    let values = (0..<40 * 5).map { _ in Float(range.lowerBound + random.below(range.count)) }
    let set = try VectorSet(dimension: 5, values: values)
    let path = "\(folder.path)/round.\(format.rawValue)"
    try VectorFile.write(set, to: path)
    #expect(try read(path) == set)
    let half = try VectorSet(dimension: 1, values: [0.5])
    let refusal = failure { try VectorFile.write(half, to: path) }
    #expect(refusal?.contains("row 0, component 0 is 0.5, which .\(format.rawValue) cannot hold") == true)
    #expect(try read(path) == set)
  }

  @Test(
    arguments: [
      ("a.fvecs", littleEndian(2, 0x3f80_0000, 0x4000_0000), [1, 2]),
      ("a.bvecs", littleEndian(3) + [7, 8, 255], [7, 8, 255]),
      ("a.ivecs", littleEndian(1, 0xffff_fffe), [-2]),
      ("a.u8bin", littleEndian(2, 1) + [5, 200], [5, 200]),
      ("a.i8bin", littleEndian(1, 2) + [5, 200], [5, -56]),
      ("a-idx3-ubyte", [0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 1, 2, 3, 4], [1, 2, 3, 4]),
    ] as [(String, [UInt8], [Float])])
  func bytesMeanWhatTheFormatSays(name: String, bytes: [UInt8], values: [Float]) throws {
    #expect(try read(folder.file(name, bytes)).values == values)
  }

  @Test(
    arguments: [
      ("e.fvecs", [], "byte 0: the file is empty"),
      ("a.fvecs", [1, 0], "byte 2: cut short: no room for a dimension"),
      ("a.fvecs", littleEndian(0), "byte 0: the first row says dimension 0"),
      ("a.fvecs", littleEndian(0xffff_ffff), "byte 0: the first row says dimension -1"),
      ("a.fvecs", littleEndian(0x7fff_ffff, 0), "byte 0: the first row says dimension 2147483647"),
      ("a.fvecs", littleEndian(2, 0), "byte 0: cut short: row 0 has 8 of 12 bytes"),
      ("a.fvecs", littleEndian(1, 0, 2, 0, 0), "byte 8: row 1 says dimension 2, the rows before it 1"),
      ("a.fvecs", littleEndian(1, 0x7fc0_0000), "byte 4: row 0, component 0: is nan"),
      ("a.fvecs", littleEndian(1, 0, 1, 0xff80_0000), "byte 12: row 1, component 0: is -inf"),
      (
        "a.ivecs", littleEndian(1, 0x0100_0001),
        "byte 4: row 0, component 0: is an integer that float32 cannot hold exactly"
      ),
      ("a.fbin", littleEndian(1), "byte 4: cut short: no room for the 8 bytes of the header"),
      ("a.fbin", littleEndian(0, 3), "byte 0: the header says there are 0 rows"),
      ("a.fbin", littleEndian(3, 0), "byte 0: the header says dimension 0"),
      (
        "a.fbin", littleEndian(2, 2, 0, 0, 0),
        "byte 20: cut short: the header promises 2 rows of dimension 2, and 1 are there"
      ),
      ("a.fbin", littleEndian(0xffff_ffff, 0x000f_ffff, 0), "cut short: the header promises 4294967295 rows"),
      ("a.fbin", littleEndian(1, 1, 0, 0), "byte 12: 4 bytes follow the last of 1 rows"),
      ("a-idx3-ubyte", [1, 2, 3, 4], "byte 0: does not begin with idx's magic number"),
      ("a-idx3-ubyte", [0, 0, 13, 3], "byte 2: idx of element type 13"),
      ("a-idx1-ubyte", [0, 0, 8, 1, 0, 0, 0, 1, 5], "byte 3: idx with 1 axes holds no vectors"),
      ("a-idx2-ubyte", [0, 0, 8, 2, 0, 0, 0, 9, 0, 0, 0, 2, 5], "byte 13: cut short: the header promises 9 rows"),
      ("a-idx3-ubyte", [0, 0, 8, 3] + Array(repeating: 255, count: 12), "byte 8: the header says axes of"),
      ("a.npy", Array("not numpy at all".utf8), "byte 0: does not begin with NumPy's magic number"),
      ("a.npy", [0x93] + Array("NUMPY".utf8) + [3, 0, 0, 0, 0, 0], "byte 6: is NumPy format version 3"),
      ("a.npy", [0x93] + Array("NUMPY".utf8) + [1, 0, 255, 255], "byte 8: NumPy's header says it is 65535 bytes long"),
      ("a.npy", [0x93] + Array("NUMPY".utf8) + [1, 0, 2, 0] + Array("{}".utf8), "NumPy's header has no 'descr'"),
    ] as [(String, [UInt8], String)])
  func brokenFilesNameTheByte(name: String, bytes: [UInt8], reason: String) throws {
    let path = try folder.file(name, bytes)
    let sentence = failure { _ = try read(path) } ?? "read without complaint"
    #expect(sentence.hasPrefix("\(path): ") && sentence.contains(reason), "\(sentence)")
  }

  /// No prefix of a good file, and no good file with bytes after it, is taken for a file.
  @Test(arguments: [VectorFormat.fvecs, .bvecs, .fbin, .u8bin, .npy])
  func everyTruncationIsFound(format: VectorFormat) throws {
    let set = try VectorSet(dimension: 3, values: (0..<12).map { Float($0) })
    let path = "\(folder.path)/whole.\(format.rawValue)"
    try VectorFile.write(set, to: path)
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    let rowBytes = format == .fvecs ? 16 : 7
    for length in 0..<whole.count {
      // A file of whole rows that lead with their own dimension says nothing of how many there should be.
      if [.fvecs, .bvecs].contains(format), length > 0, length.isMultiple(of: rowBytes) { continue }
      let cut = try folder.file("cut.\(format.rawValue)", Array(whole.prefix(length)))
      #expect(throws: DataError.self, "first \(length) bytes") { _ = try read(cut) }
    }
    let long = try folder.file("long.\(format.rawValue)", whole + [0])
    #expect(throws: DataError.self) { _ = try read(long) }
  }

  /// Whatever one byte says, the file is read or refused, and nothing else happens.
  @Test(arguments: [VectorFormat.fvecs, .fbin, .i8bin, .npy, .csv])
  func everyFlippedByteIsReadOrRefused(format: VectorFormat) throws {
    let set = try VectorSet(dimension: 3, values: (0..<12).map { Float($0) })
    let path = "\(folder.path)/whole.\(format.rawValue)"
    try VectorFile.write(set, to: path)
    let whole = Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    var random = Xoshiro256(seed: 9)
    for index in whole.indices {
      var bytes = whole
      bytes[index] ^= UInt8(1 + random.below(255))
      let flipped = try folder.file("flipped.\(format.rawValue)", bytes)
      do { #expect(try read(flipped).values.allSatisfy(\.isFinite)) } catch { #expect(error is DataError) }
    }
  }

  @Test func unreadableAndUnwritablePathsAreNamed() throws {
    #expect(
      failure { _ = try read("/nowhere/a.fbin") } == "/nowhere/a.fbin: cannot be opened: No such file or directory")
    let asFile = "\(folder.path)/folder.fbin"
    try FileManager.default.createDirectory(atPath: asFile, withIntermediateDirectories: true)
    #expect(failure { _ = try read(asFile) } == "\(asFile): is no regular file")
    let set = try VectorSet(dimension: 1, values: [1])
    #expect(failure { try VectorFile.write(set, to: "/nowhere/a.fbin") }?.contains("No such file") == true)
    #expect(failure { try VectorFile.write(set, to: "a.hdf5") }?.contains("hdf5 is only read here") == true)
    #expect(failure { try VectorFile.write(set, to: "a.fbin.gz") }?.contains("leave out .gz") == true)
  }
}
