package import Experiments
internal import YAML

extension ServiceLevels {
  private static var paths: [(name: String, path: WritableKeyPath<ServiceLevels, Double?>)] {
    [("ttft", \.ttft), ("itl", \.itl), ("tpot", \.tpot), ("e2e", \.e2e)]
  }

  /// A section's `slo`: `{ttft: 500ms, itl: 50ms}`; what is not stated may be any.
  package static func read(_ section: SpecReader) -> ServiceLevels {
    var levels = ServiceLevels()
    guard let reader = section.mapping("slo") else { return levels }
    for (name, path) in paths { levels[keyPath: path] = reader.seconds(name) }
    reader.finish()
    return levels
  }

  /// "ttft=500ms,itl=50ms"; empty where nothing is stated.
  package var label: String {
    Self.paths.compactMap { entry in self[keyPath: entry.path].map { "\(entry.name)=\(SecondsWord.text($0))" } }
      .joined(separator: ",")
  }
}

extension SpecReader {
  /// A span of time such as `500ms`; `nil` where there is none, or none that can be read, which is reported.
  func seconds(_ key: String) -> Double? {
    guard let value = value(key) else { return nil }
    guard let word = value.string, let seconds = SecondsWord.seconds(word) else {
      report(key, "must be a time such as 500ms or 2s, not \(value.kind)")
      return nil
    }
    return seconds
  }
}
