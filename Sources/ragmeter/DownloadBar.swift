import Foundation
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
}
