internal import YAML

/// Parts of an experiment that a command line stands for, as if a file held them.
struct SpecNodes {
  /// The place of what no option has said: "ragmeter index".
  let place: YAMLPlace

  init(verb: String) { place = YAMLPlace(file: "ragmeter \(verb)") }

  /// - Parameter option: the one that says it, which mistakes are reported at.
  func word(_ text: String, option: String? = nil) -> YAMLNode {
    YAMLNode(.scalar(YAMLScalar(text, isString: true)), at: at(option, text))
  }

  /// A word that is read as YAML reads it: as a number where it is one.
  func value(_ text: String, option: String) -> YAMLNode { YAMLNode(.scalar(YAMLScalar(text)), at: at(option, text)) }

  func number(_ value: Int) -> YAMLNode { YAMLNode(.scalar(YAMLScalar("\(value)")), at: place) }

  func list(_ nodes: [YAMLNode]) -> YAMLNode { YAMLNode(.sequence(nodes), at: place) }

  /// Values between commas.
  func list(_ text: String, option: String) -> YAMLNode {
    let words = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    return YAMLNode(.sequence(words.map { value($0, option: option) }), at: at(option, text))
  }

  func mapping(_ entries: [YAMLEntry]) -> YAMLNode { YAMLNode(.mapping(entries), at: place) }

  func entry(_ key: String, _ value: YAMLNode) -> YAMLEntry { YAMLEntry(key: key, keyPlace: value.place, value: value) }

  private func at(_ option: String?, _ text: String) -> YAMLPlace {
    option.map { YAMLPlace(file: "\($0) \(text)") } ?? place
  }
}
