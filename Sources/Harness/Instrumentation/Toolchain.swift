import Foundation

/// What built the running program.
public enum Toolchain {
  /// The Swift compiler's release, as far as conditional compilation can tell.
  public static var swift: String {
    #if compiler(>=6.5)
      "6.5 or later"
    #elseif compiler(>=6.4)
      "6.4"
    #elseif compiler(>=6.3)
      "6.3"
    #else
      "6.2"
    #endif
  }

  /// The C compiler as it signed the executable's `.comment` section; `nil` if it was stripped.
  public static let clang: String? = {
    guard let image = try? Data(contentsOf: URL(fileURLWithPath: "/proc/self/exe"), options: .alwaysMapped) else {
      return nil
    }
    // The words sought stand in this very code too, where no version follows them.
    let words = Data("clang version ".utf8)
    var rest = image.startIndex..<image.endIndex
    while let found = image.range(of: words, in: rest) {
      let version = image[found.upperBound...].prefix(64).prefix { $0 > 0x20 && $0 < 0x7F }
      if version.first.map({ (0x30...0x39).contains($0) }) ?? false { return String(decoding: version, as: UTF8.self) }
      rest = found.upperBound..<image.endIndex
    }
    return nil
  }()

  /// "release" or "debug".
  public static var configuration: String {
    #if DEBUG
      "debug"
    #else
      "release"
    #endif
  }
}
