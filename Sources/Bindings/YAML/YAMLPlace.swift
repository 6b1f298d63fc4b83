/// Where something stands in a YAML file.
public struct YAMLPlace: Sendable, Hashable, CustomStringConvertible {
  public var file: String
  /// Counted from 1; 0 where the whole file is meant.
  public var line: Int
  /// Counted in characters from 1.
  public var column: Int

  public init(file: String, line: Int = 0, column: Int = 0) {
    self.file = file
    self.line = line
    self.column = column
  }

  public var description: String { line == 0 ? file : "\(file):\(line):\(column)" }
}

/// Why a YAML file cannot be used: `file:line:column: reason`.
public struct YAMLError: Error, Hashable, Sendable, CustomStringConvertible {
  public var place: YAMLPlace
  public var reason: String

  public init(_ place: YAMLPlace, _ reason: String) {
    self.place = place
    self.reason = reason
  }

  public var description: String { "\(place): \(reason)" }
}

/// How large a file may be before it is refused; a file of a few bytes can otherwise stand for gigabytes through aliases.
public struct YAMLLimits: Sendable, Equatable {
  public var bytes: Int
  public var depth: Int
  /// Nodes after every alias and merge key is written out.
  public var nodes: Int

  public init(bytes: Int = 4 << 20, depth: Int = 64, nodes: Int = 200_000) {
    self.bytes = bytes
    self.depth = depth
    self.nodes = nodes
  }
}
