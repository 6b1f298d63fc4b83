import Foundation
import Instrumentation

/// A machine that exists as files only; removed with the value.
final class FixtureSystem {
  let root: String
  var files: SystemFiles { SystemFiles(root: root) }

  init(_ texts: [String: String]) throws {
    root = NSTemporaryDirectory() + "ragmeter-system-" + UUID().uuidString
    for (path, text) in texts { try write(path, text) }
  }

  deinit { try? FileManager.default.removeItem(atPath: root) }

  func write(_ path: String, _ text: String) throws {
    let file = URL(fileURLWithPath: root + "/" + path)
    try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
    try Data(text.utf8).write(to: file)
  }
}
