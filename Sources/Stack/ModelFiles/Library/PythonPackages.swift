internal import Files
internal import Foundation

/// Downloads wheels of the Python package index with `pip`, which knows mirrors, proxies and certificates of the machine.
struct PythonPackages {
  let environment: [String: String]

  /// Brings the wheel of `PACKAGE==VERSION` into an empty folder and answers its path.
  ///
  /// - Throws: `DataError.unavailable` with what pip said, or with what to install where it is missing.
  func download(_ requirement: String, into folder: String) throws -> String {
    guard let python = executable("python3") else {
      throw failure(requirement, "python3 is not on PATH; 'sudo apt-get install python3-pip' brings it and pip")
    }
    let errors = "\(folder)/pip.log"
    try Data().write(to: URL(fileURLWithPath: errors))
    let process = Process()
    process.executableURL = URL(fileURLWithPath: python)
    process.arguments = [
      "-m", "pip", "download", "--quiet", "--no-deps", "--no-input", "--disable-pip-version-check", "--only-binary",
      ":all:",
      "-d", folder, requirement,
    ]
    process.environment = environment
    process.standardInput = FileHandle.nullDevice
    process.standardOutput = FileHandle.nullDevice
    process.standardError = try FileHandle(forWritingTo: URL(fileURLWithPath: errors))
    do { try process.run() } catch { throw failure(requirement, "python3 cannot be started: \(error)") }
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let said = String(decoding: try Data(contentsOf: URL(fileURLWithPath: errors)), as: UTF8.self)
      if said.contains("No module named pip") {
        throw failure(requirement, "\(python) has no pip; 'sudo apt-get install python3-pip' brings it")
      }
      let lines = said.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) }
      let line = lines.last { $0.hasPrefix("ERROR") } ?? lines.last ?? "no reason given"
      throw failure(requirement, "pip could not download it: \(line)")
    }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { $0.hasSuffix(".whl") }
    guard names.count == 1 else { throw failure(requirement, "pip brought \(names.count) wheels instead of one") }
    return "\(folder)/\(names[0])"
  }

  private func executable(_ name: String) -> String? {
    (environment["PATH"] ?? "/usr/bin:/bin").split(separator: ":").lazy.map { "\($0)/\(name)" }
      .first { FileManager.default.isExecutableFile(atPath: $0) }
  }

  private func failure(_ requirement: String, _ reason: String) -> DataError {
    .unavailable(name: "PyPI \(requirement)", reason: reason)
  }
}
