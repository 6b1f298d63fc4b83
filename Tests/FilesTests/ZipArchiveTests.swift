import Files
import Foundation
import TestFixtures
import Testing

/// Archives of Python's zipfile: Goldens/make.py.
@Suite struct ZipArchiveTests {
  private let folder = TemporaryFolder()
  private let beer = (0..<2000).map { "\($0) bottles of beer on the wall\n" }.joined()

  private func golden(_ name: String) -> String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Goldens/\(name)"
  }

  private func bytes(_ name: String) throws -> [UInt8] {
    Array(try Data(contentsOf: URL(fileURLWithPath: golden(name))))
  }

  @Test func membersAreStoredOrDeflated() throws {
    let archive = try ZipArchive(path: golden("usual.zip"))
    #expect(
      archive.entries.map(\.name) == ["folder/", "folder/beer.txt", "folder/stored.bin", "empty", "grüße/日本.txt"])
    #expect(archive.entries.map(\.isFolder) == [true, false, false, false, false])
    func text(_ name: String) throws -> [UInt8] { try archive.bytes(of: #require(archive[name]), limit: 1 << 20) }
    #expect(try text("folder/beer.txt") == Array(beer.utf8))
    #expect(try text("folder/stored.bin") == Array(0...255))
    #expect(try text("empty").isEmpty)
    #expect(try text("grüße/日本.txt") == Array("日本".utf8))
    let target = "\(folder.path)/out.txt"
    try archive.extract(#require(archive["folder/beer.txt"]), to: target)
    #expect(try String(contentsOfFile: target, encoding: .utf8) == beer)
  }

  @Test(arguments: ["streamed.zip", "zip64.zip"]) func sizesMayStandElsewhere(name: String) throws {
    let archive = try ZipArchive(path: golden(name))
    #expect(try archive.bytes(of: #require(archive["beer.txt"]), limit: 1 << 20) == Array(beer.utf8))
  }

  @Test(arguments: [
    ("climbing.zip", "the member 'a/../../evil' would be unpacked outside its folder"),
    ("absolute.zip", "the member '/etc/evil' would be unpacked outside its folder"),
    ("backslash.zip", "the member '..\\evil' would be unpacked outside its folder"),
    ("twice.zip", "two members called 'same'"),
    ("bzip2.zip", "packed by method 12"),
    ("make.py", "is no zip archive"),
  ])
  func refused(name: String, sentence: String) throws {
    let found = failure { _ = try ZipArchive(path: golden(name)) }
    #expect(found?.contains(sentence) == true, "\(found ?? "")")
    #expect(found?.contains("/\(name): byte ") == true, "\(found ?? "")")
  }

  @Test func encryptedMembersAreRefused() throws {
    var archive = try bytes("zip64.zip")
    let record = try #require((0..<archive.count - 4).first { archive[$0..<$0 + 4].elementsEqual([0x50, 0x4B, 1, 2]) })
    archive[record + 8] |= 1
    let path = try folder.file("a.zip", archive)
    #expect(failure { _ = try ZipArchive(path: path) }?.contains("the member 'beer.txt' is encrypted") == true)
  }

  @Test func largeMembersAreRefusedBeforeTheyAreUnpacked() throws {
    let archive = try ZipArchive(path: golden("usual.zip"))
    let entry = try #require(archive["folder/beer.txt"])
    let sentence = failure { _ = try archive.bytes(of: entry, limit: entry.size - 1) }
    #expect(sentence?.contains("'folder/beer.txt' has \(entry.size) bytes, and at most \(entry.size - 1)") == true)
  }

  @Test func truncatedArchivesAreRefused() throws {
    let whole = try bytes("usual.zip")
    for count in stride(from: 1, to: whole.count, by: 37) {
      let path = try folder.file("cut.zip", Array(whole[..<count]))
      #expect(failure { _ = try ZipArchive(path: path) }?.contains("cut short") == true, "\(count) bytes")
    }
  }

  /// Whatever byte is damaged: what comes out is what went in, or an error; never other bytes.
  @Test(arguments: ["usual.zip", "streamed.zip", "zip64.zip"]) func flippedBytesAreFound(name: String) throws {
    let whole = try bytes(name)
    let intact = try ZipArchive(path: golden(name))
    var contents: [[UInt8]] = []
    for entry in intact.entries { contents.append(try intact.bytes(of: entry, limit: 1 << 20)) }
    var refusals = 0
    for offset in stride(from: 0, to: whole.count, by: 3) {
      var damaged = whole
      damaged[offset] ^= UInt8(1 << (offset % 8))
      let path = try folder.file("damaged.zip", damaged)
      do {
        let archive = try ZipArchive(path: path)
        for entry in archive.entries {
          #expect(contents.contains(try archive.bytes(of: entry, limit: 1 << 20)), "byte \(offset)")
        }
      } catch is DataError {
        refusals += 1
      }
    }
    #expect(refusals > whole.count / 6)
  }
}
