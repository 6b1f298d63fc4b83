import Foundation

/// Mirrored public data, where the machine has it.
enum Mirror {
  static var folder: String? { ProcessInfo.processInfo.environment["RAGMETER_MIRROR"] }
  static var isPresent: Bool { folder != nil }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: URL(fileURLWithPath: folder ?? "").appendingPathComponent(path), encoding: .utf8)
  }
}
