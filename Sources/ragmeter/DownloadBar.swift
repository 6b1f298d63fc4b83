import Foundation
import ModelFiles
import Reports

/// A line on a terminal's standard error that tells how far a download is; silent elsewhere.
struct DownloadBar {
  private let isTerminal = isatty(STDERR_FILENO) == 1

  func show(_ what: String, received: Int, total: Int?) {
    guard isTerminal else { return }
    let size = HumanNumber.text(Double(received), unit: "B")
    let share = total.map { total in
      " of \(HumanNumber.text(Double(total), unit: "B")), \(received * 100 / max(total, 1)) %"
    }
    FileHandle.standardError.write(Data("\r\u{1B}[K\(what): \(size)\(share ?? "")".utf8))
  }

  func end() {
    if isTerminal { FileHandle.standardError.write(Data("\r\u{1B}[K".utf8)) }
  }

  /// The folder of a model, fetched under such a line if need be.
  ///
  /// - Throws: as `ModelLibrary.folder`.
  static func fetching(_ model: String, from library: ModelLibrary) throws -> ModelFolder {
    let bar = DownloadBar()
    defer { bar.end() }
    return try library.folder(model) { bar.show("fetching \($0.file)", received: $0.received, total: $0.total) }
  }
}
