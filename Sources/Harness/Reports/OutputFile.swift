public import Foundation

/// Results as files that are either whole or absent.
public enum OutputFile {
  /// Writes to standard output for "-", else to a file that replaces `path` once it is complete.
  ///
  /// - Throws: `ReportError.unwritable`.
  public static func write(_ data: Data, to path: String) throws {
    guard path != "-" else {
      do {
        try FileHandle.standardOutput.write(contentsOf: data)
      } catch {
        throw ReportError.unwritable(path: "standard output", reason: reason(error))
      }
      return
    }
    do {
      try data.write(to: URL(fileURLWithPath: path), options: .atomic)
    } catch {
      throw ReportError.unwritable(path: path, reason: reason(error))
    }
  }

  /// Makes the folder and those above it, where they are missing.
  ///
  /// - Throws: `ReportError.unwritable` also for one that is there and takes no file.
  public static func makeFolder(_ path: String) throws {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw ReportError.unwritable(path: path, reason: reason(error))
    }
    guard access(path, W_OK | X_OK) == 0 else {
      throw ReportError.unwritable(path: path, reason: String(cString: strerror(errno)))
    }
  }

  /// The system's own words where there are some: "No such file or directory".
  private static func reason(_ error: any Error) -> String {
    var error = error as NSError
    while let inner = error.userInfo[NSUnderlyingErrorKey] as? NSError { error = inner }
    if error.domain == NSPOSIXErrorDomain { return String(cString: strerror(Int32(error.code))) }
    return error.localizedDescription
  }
}
