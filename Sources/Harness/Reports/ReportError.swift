/// Why a report could not be put where it was asked for.
public enum ReportError: Error, Equatable, CustomStringConvertible {
  case unwritable(path: String, reason: String)
  case noGnuplot(reason: String)
  case plotFailed(plot: String, reason: String)

  public var description: String {
    switch self {
    case .unwritable(let path, let reason):
      "cannot write '\(path)' (\(reason)); choose another place or change its permissions"
    case .noGnuplot(let reason):
      "no plots: gnuplot cannot be started (\(reason)); install Debian's package gnuplot-nox"
    case .plotFailed(let plot, let reason):
      "no plot '\(plot)': gnuplot says: \(reason)"
    }
  }
}
