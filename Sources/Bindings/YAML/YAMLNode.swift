/// One value of a YAML document, with aliases and merge keys written out.
///
/// A node that was reached through an alias keeps the place where it was written.
public struct YAMLNode: Sendable, Equatable {
  public enum Content: Sendable, Equatable {
    case scalar(YAMLScalar)
    case sequence([YAMLNode])
    /// In the order of the file; no key twice.
    case mapping([YAMLEntry])
  }

  public var content: Content
  public var place: YAMLPlace

  public init(_ content: Content, at place: YAMLPlace) {
    self.content = content
    self.place = place
  }
}

/// The text of a scalar, and whether it is to be read as a string whatever it looks like.
public struct YAMLScalar: Sendable, Equatable {
  public var text: String
  /// Quoted, a block scalar, or tagged `!!str`.
  public var isString: Bool

  public init(_ text: String, isString: Bool = false) {
    self.text = text
    self.isString = isString
  }
}

/// One key of a mapping with its value.
public struct YAMLEntry: Sendable, Equatable {
  public var key: String
  public var keyPlace: YAMLPlace
  public var value: YAMLNode

  public init(key: String, keyPlace: YAMLPlace, value: YAMLNode) {
    self.key = key
    self.keyPlace = keyPlace
    self.value = value
  }
}
