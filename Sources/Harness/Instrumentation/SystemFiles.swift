import Foundation

/// Where /proc and /sys are read from: the running system, or a folder of fixtures.
public struct SystemFiles: Sendable, Equatable {
  private let root: String

  public static let live = SystemFiles(root: "/")

  public init(root: String) { self.root = root.hasSuffix("/") ? root : root + "/" }

  /// The whole file without white space at its ends, or `nil` if it cannot be read. The kernel's files state no size, so
  /// it is read to its end.
  public func text(_ path: String) -> String? {
    let descriptor = open(root + path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return nil }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let got = read(descriptor, &chunk, chunk.count)
      if got < 0 { return nil }
      if got == 0 { break }
      bytes.append(contentsOf: chunk[..<got])
    }
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// Names in a folder, sorted; empty if it cannot be read.
  public func names(in folder: String) -> [String] {
    ((try? FileManager.default.contentsOfDirectory(atPath: root + folder)) ?? []).sorted()
  }

  /// The numbers of lines like "Rss:   1620 kB", in bytes where they carry kB.
  func numbers(_ path: String) -> [String: UInt64]? {
    guard let text = text(path) else { return nil }
    var numbers: [String: UInt64] = [:]
    for line in text.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      let words = parts[1].split(separator: " ")
      guard let first = words.first, let number = UInt64(first) else { continue }
      let factor: UInt64 = words.dropFirst().first == "kB" ? 1_024 : 1
      numbers[String(parts[0])] = number.multipliedReportingOverflow(by: factor).partialValue
    }
    return numbers
  }
}
