import Foundation

/// Files that `Goldens/make.py` writes.
enum Golden {
  static var folder: String {
    URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens").path
  }

  static func path(_ name: String) -> String { "\(folder)/\(name)" }

  static func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
}
