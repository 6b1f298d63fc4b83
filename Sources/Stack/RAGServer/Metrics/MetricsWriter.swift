internal import Generation

/// Writes Prometheus' text format 0.0.4.
struct MetricsWriter {
  private(set) var bytes: [UInt8] = []
  /// Labels that every series has.
  private let labels: [(name: String, value: String)]

  enum Kind: String { case counter, gauge, histogram }

  init(labels: [(name: String, value: String)]) { self.labels = labels }

  /// One family, with one series for each value.
  mutating func family(
    _ name: String, _ kind: Kind, _ help: String, _ values: [(labels: [(name: String, value: String)], value: Double)]
  ) {
    open(name, kind, help)
    for (labels, value) in values { series(name, labels, value) }
  }

  mutating func family(_ name: String, _ kind: Kind, _ help: String, _ value: Double) {
    family(name, kind, help, [([], value)])
  }

  mutating func family(_ name: String, _ kind: Kind, _ help: String, _ value: Int) {
    family(name, kind, help, Double(value))
  }

  mutating func histogram(_ name: String, _ help: String, _ counts: BoundedCounts) {
    open(name, .histogram, help)
    var below = 0
    for (bound, count) in zip(counts.bounds + [.infinity], counts.counts) {
      below += count
      series(name + "_bucket", [("le", Self.text(bound))], Double(below))
    }
    series(name + "_count", [], Double(below))
    series(name + "_sum", [], counts.sum)
  }

  private mutating func open(_ name: String, _ kind: Kind, _ help: String) {
    bytes += "# HELP \(name) \(help)\n# TYPE \(name) \(kind.rawValue)\n".utf8
  }

  private mutating func series(_ name: String, _ own: [(name: String, value: String)], _ value: Double) {
    bytes += name.utf8
    var separator = UInt8(ascii: "{")
    for label in (labels + own).sorted(by: { $0.name < $1.name }) {
      bytes.append(separator)
      bytes += "\(label.name)=\"".utf8
      for byte in label.value.utf8 {
        switch byte {
        case 0x0A: bytes += "\\n".utf8
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): bytes += [UInt8(ascii: "\\"), byte]
        default: bytes.append(byte)
        }
      }
      bytes.append(UInt8(ascii: "\""))
      separator = UInt8(ascii: ",")
    }
    if separator == UInt8(ascii: ",") { bytes.append(UInt8(ascii: "}")) }
    bytes += " \(Self.text(value))\n".utf8
  }

  private static func text(_ value: Double) -> String {
    if value.isNaN { return "NaN" }
    return value.isFinite ? value.description : value > 0 ? "+Inf" : "-Inf"
  }
}
