import Foundation
import Testing

/// Compares with the file in `Snapshots/`; `RECORD_SNAPSHOTS=1` writes it instead.
func expectSnapshot(_ text: String, _ name: String, sourceLocation: SourceLocation = #_sourceLocation) throws {
  let file = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Snapshots/\(name)")
  if ProcessInfo.processInfo.environment["RECORD_SNAPSHOTS"] == "1" {
    try Data(text.utf8).write(to: file)
    return
  }
  let expected = try String(decoding: Data(contentsOf: file), as: UTF8.self)
  #expect(
    text == expected, "differs from Snapshots/\(name); RECORD_SNAPSHOTS=1 rewrites it", sourceLocation: sourceLocation)
}
