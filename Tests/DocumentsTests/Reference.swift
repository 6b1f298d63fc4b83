import Foundation

/// Captured golden values, where the machine has them.
enum Reference {
  static var folder: String? { ProcessInfo.processInfo.environment["RAGMETER_REFERENCE"] }
  static var isPresent: Bool { folder != nil }

  static func data(_ path: String) throws -> Data {
    try Data(contentsOf: URL(fileURLWithPath: folder ?? "").appendingPathComponent(path))
  }
}
