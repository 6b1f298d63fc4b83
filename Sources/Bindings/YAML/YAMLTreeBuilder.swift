/// Turns libyaml's events into a tree: aliases and merge keys written out, limits kept.
struct YAMLTreeBuilder {
  /// A node and the number of nodes in it, which bounds what an alias to it would add.
  private struct Counted {
    var node: YAMLNode
    var nodes: Int
  }

  private let stream: YAMLEventStream
  private let limits: YAMLLimits
  private var anchors: [String: Counted] = [:]
  private var openAnchors: [String] = []
  private var nodes = 0

  init(stream: YAMLEventStream, limits: YAMLLimits) {
    self.stream = stream
    self.limits = limits
  }

  mutating func document(file: String) throws(YAMLError) -> YAMLNode {
    var root = YAMLNode(.scalar(YAMLScalar("")), at: YAMLPlace(file: file, line: 1, column: 1))
    var documents = 0
    while true {
      let event = try stream.next()
      switch event.kind {
      case .streamEnd: return root
      case .documentStart:
        documents += 1
        guard documents == 1 else { throw YAMLError(event.place, "a second document; the file must hold one") }
        root = try node(stream.next(), depth: 1).node
      default: continue
      }
    }
  }

  private mutating func node(_ event: YAMLEventStream.Event, depth: Int) throws(YAMLError) -> Counted {
    guard depth <= limits.depth else { throw YAMLError(event.place, "nested deeper than \(limits.depth) levels") }
    if case .alias(let name) = event.kind { return try alias(name, at: event.place) }
    try count(1, at: event.place)
    if let anchor = event.anchor { openAnchors.append(anchor) }
    let built: Counted
    switch event.kind {
    case .scalar(let text, let isPlain):
      let isString = try isString(tag: event.tag, isPlain: isPlain, at: event.place)
      built = Counted(node: YAMLNode(.scalar(YAMLScalar(text, isString: isString)), at: event.place), nodes: 1)
    case .sequenceStart:
      try check(tag: event.tag, is: "seq", at: event.place)
      built = try sequence(at: event.place, depth: depth)
    case .mappingStart:
      try check(tag: event.tag, is: "map", at: event.place)
      built = try mapping(at: event.place, depth: depth)
    default: throw YAMLError(event.place, "a value is missing here")
    }
    if let anchor = event.anchor {
      openAnchors.removeLast()
      anchors[anchor] = built
    }
    return built
  }

  private mutating func alias(_ name: String, at place: YAMLPlace) throws(YAMLError) -> Counted {
    guard !openAnchors.contains(name) else { throw YAMLError(place, "alias *\(name) stands inside its own anchor") }
    guard let target = anchors[name] else {
      throw YAMLError(place, "alias *\(name) has no anchor &\(name) before it")
    }
    try count(target.nodes, at: place)
    return target
  }

  private mutating func count(_ added: Int, at place: YAMLPlace) throws(YAMLError) {
    nodes += added
    guard nodes <= limits.nodes else {
      throw YAMLError(place, "more than \(limits.nodes) values once aliases are written out")
    }
  }

  private mutating func sequence(at place: YAMLPlace, depth: Int) throws(YAMLError) -> Counted {
    var elements: [YAMLNode] = []
    var total = 1
    while true {
      let event = try stream.next()
      if case .sequenceEnd = event.kind { break }
      let element = try node(event, depth: depth + 1)
      elements.append(element.node)
      total += element.nodes
    }
    return Counted(node: YAMLNode(.sequence(elements), at: place), nodes: total)
  }

  private mutating func mapping(at place: YAMLPlace, depth: Int) throws(YAMLError) -> Counted {
    var entries: [YAMLEntry] = []
    var own: [String: YAMLPlace] = [:]
    var merge: (position: Int, sources: [YAMLNode])?
    var total = 1
    while true {
      let event = try stream.next()
      if case .mappingEnd = event.kind { break }
      let key = try node(event, depth: depth + 1)
      guard case .scalar(let scalar) = key.node.content else {
        throw YAMLError(event.place, "a key must be a word, not \(key.node.kind)")
      }
      if let first = own[scalar.text] {
        throw YAMLError(event.place, "key '\(scalar.text)' was already given on line \(first.line)")
      }
      own[scalar.text] = event.place
      let value = try node(stream.next(), depth: depth + 1)
      total += value.nodes
      if scalar.text == "<<", !scalar.isString {
        merge = (entries.count, try mergeSources(value.node, at: event.place))
      } else {
        entries.append(YAMLEntry(key: scalar.text, keyPlace: event.place, value: value.node))
      }
    }
    if let merge {
      var merged: [YAMLEntry] = []
      for source in merge.sources {
        for entry in source.mapping ?? [] where own[entry.key] == nil {
          own[entry.key] = entry.keyPlace
          merged.append(entry)
        }
      }
      entries.insert(contentsOf: merged, at: merge.position)
    }
    return Counted(node: YAMLNode(.mapping(entries), at: place), nodes: total)
  }

  /// The mappings of a merge key; of two that share a key the earlier one counts (https://yaml.org/type/merge.html).
  private func mergeSources(_ value: YAMLNode, at place: YAMLPlace) throws(YAMLError) -> [YAMLNode] {
    let sources = value.sequence ?? [value]
    for source in sources where source.mapping == nil {
      throw YAMLError(place, "'<<' merges a mapping or a list of mappings, not \(source.kind)")
    }
    return sources
  }

  private func isString(tag: String?, isPlain: Bool, at place: YAMLPlace) throws(YAMLError) -> Bool {
    switch tag {
    case nil: return !isPlain
    case "!", "tag:yaml.org,2002:str": return true
    case "tag:yaml.org,2002:int", "tag:yaml.org,2002:float", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:null":
      return false
    case .some(let other): throw YAMLError(place, "tag '\(other)' is not known here; leave it out")
    }
  }

  private func check(tag: String?, is expected: String, at place: YAMLPlace) throws(YAMLError) {
    guard let tag, tag != "!", tag != "tag:yaml.org,2002:\(expected)" else { return }
    throw YAMLError(place, "tag '\(tag)' is not known here; leave it out")
  }
}
