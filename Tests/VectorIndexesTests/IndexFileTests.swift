import Foundation
import Testing
import VectorIndexes

/// A folder that vanishes with the test.
final class TemporaryFolder {
  let path: String

  init() {
    path = NSTemporaryDirectory() + "ragmeter-index-\(UUID().uuidString)"
    try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  func file(_ name: String) -> String { path + "/" + name }

  func bytes(_ name: String) throws -> [UInt8] { Array(try Data(contentsOf: URL(fileURLWithPath: file(name)))) }

  func write(_ bytes: [UInt8], _ name: String) throws { try Data(bytes).write(to: URL(fileURLWithPath: file(name))) }

  var contents: [String] { (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] }
}

@Suite struct IndexFileTests {
  struct Header: Codable, Equatable { var kind: String }

  static func sample(_ folder: TemporaryFolder) throws -> [UInt8] {
    let numbers = (0..<41).map { Int32($0 * 7) }
    try numbers.withUnsafeBufferPointer { numbers in
      try IndexFile.write(
        to: folder.file("a"), header: Header(kind: "test"),
        sections: [.init("numbers", numbers), .init("empty", UnsafeBufferPointer<Int8>(start: nil, count: 0))])
    }
    return try folder.bytes("a")
  }

  @Test func readsBackWhatWasWritten() throws {
    let folder = TemporaryFolder()
    _ = try Self.sample(folder)
    let file = try IndexFile.open(folder.file("a"))
    #expect(try file.header(Header.self) == Header(kind: "test"))
    let section = try file.section("numbers", of: Int32.self, count: 41)
    #expect(section.copy == (0..<41).map { Int32($0 * 7) })
    #expect(UInt(bitPattern: section.elements.baseAddress) % 64 == 0)
    #expect(try file.section("empty", of: Float.self).elements.isEmpty)
    #expect(folder.contents == ["a"])
    #expect(throws: VectorIndexError.self) { try file.section("numbers", of: Int32.self, count: 40) }
    #expect(throws: VectorIndexError.self) { try file.section("missing", of: Int32.self) }
  }

  @Test func everyFlippedByteIsFound() throws {
    let folder = TemporaryFolder()
    let whole = try Self.sample(folder)
    for at in whole.indices {
      var damaged = whole
      damaged[at] ^= 1 << UInt8(at % 8)
      try folder.write(damaged, "b")
      #expect(throws: VectorIndexError.self, "byte \(at)") { try IndexFile.open(folder.file("b")) }
    }
  }

  @Test func everyOtherLengthIsFound() throws {
    let folder = TemporaryFolder()
    let whole = try Self.sample(folder)
    for length in Array(stride(from: 0, to: whole.count, by: 13)) + [whole.count - 1] {
      try folder.write(Array(whole.prefix(length)), "b")
      #expect(throws: VectorIndexError.self, "length \(length)") { try IndexFile.open(folder.file("b")) }
    }
    try folder.write(whole + [0], "b")
    #expect(throws: VectorIndexError.self) { try IndexFile.open(folder.file("b")) }
  }

  @Test func foreignAndNewerFilesAreNamed() throws {
    let folder = TemporaryFolder()
    var bytes = try Self.sample(folder)
    bytes[8] = 9
    try folder.write(bytes, "newer")
    let newer = #expect(throws: VectorIndexError.self) { try IndexFile.open(folder.file("newer")) }
    #expect(newer?.description.contains("format version 9") == true)
    try folder.write([UInt8](repeating: 65, count: 100), "foreign")
    let foreign = #expect(throws: VectorIndexError.self) { try IndexFile.open(folder.file("foreign")) }
    #expect(foreign == .corruptFile(path: folder.file("foreign"), offset: 0, reason: "this is not an index file"))
    let missing = #expect(throws: VectorIndexError.self) { try IndexFile.open(folder.file("none")) }
    #expect(missing == .fileSystem(path: folder.file("none"), reason: "No such file or directory"))
  }

  @Test func aFailedWriteLeavesTheOldFile() throws {
    let folder = TemporaryFolder()
    _ = try Self.sample(folder)
    // A directory in the way makes the last step, the rename, fail.
    try FileManager.default.createDirectory(atPath: folder.file("d/x"), withIntermediateDirectories: true)
    #expect(throws: VectorIndexError.self) {
      try IndexFile.write(to: folder.file("d"), header: Header(kind: "test"), sections: [])
    }
    #expect(throws: VectorIndexError.self) {
      try IndexFile.write(to: folder.file("nowhere/a"), header: Header(kind: "test"), sections: [])
    }
    #expect(folder.contents.sorted() == ["a", "d"])
    _ = try IndexFile.open(folder.file("a"))
  }
}

extension IndexFileTests {
  @Test(.enabled(if: geteuid() == 0, "only root may mount a small disk")) func aFullDiskLeavesTheOldFile() throws {
    let folder = TemporaryFolder()
    let path = folder.file("disk")
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    guard mount("tmpfs", path, "tmpfs", 0, "size=64k") == 0 else {
      try Test.cancel("this system lets no test mount a disk")
    }
    defer { umount(path) }
    let small = [Int32](repeating: 1, count: 100)
    let large = [Int32](repeating: 2, count: 100_000)
    func write(_ numbers: [Int32]) throws {
      try numbers.withUnsafeBufferPointer {
        try IndexFile.write(to: path + "/a", header: Header(kind: "test"), sections: [.init("numbers", $0)])
      }
    }
    try write(small)
    let full = #expect(throws: VectorIndexError.self) { try write(large) }
    #expect(full == .fileSystem(path: path + "/a", reason: "No space left on device"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: path) == ["a"])
    #expect(try IndexFile.open(path + "/a").section("numbers", of: Int32.self).copy == small)
  }
}
