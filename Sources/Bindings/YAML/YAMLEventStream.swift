internal import CYAML

/// Owns libyaml's parser and the bytes it reads.
final class YAMLEventStream {
  /// One event with all that the tree needs of it.
  struct Event {
    enum Kind {
      case streamStart, streamEnd, documentStart, documentEnd
      case alias(String)
      case scalar(text: String, isPlain: Bool)
      case sequenceStart, sequenceEnd, mappingStart, mappingEnd
    }

    var kind: Kind
    var anchor: String?
    var tag: String?
    var place: YAMLPlace
  }

  private let file: String
  private let parser: UnsafeMutablePointer<yaml_parser_t>
  private let bytes: UnsafeMutableBufferPointer<UInt8>

  init(_ text: [UInt8], file: String) throws(YAMLError) {
    self.file = file
    bytes = .allocate(capacity: max(text.count, 1))
    _ = bytes.initialize(from: text)
    parser = .allocate(capacity: 1)
    parser.initialize(to: yaml_parser_t())
    guard yaml_parser_initialize(parser) == 1 else {
      throw YAMLError(YAMLPlace(file: file), "libyaml has no memory for a parser")
    }
    yaml_parser_set_input_string(parser, bytes.baseAddress, text.count)
  }

  deinit {
    yaml_parser_delete(parser)
    parser.deallocate()
    bytes.deallocate()
  }

  func next() throws(YAMLError) -> Event {
    var event = yaml_event_t()
    guard yaml_parser_parse(parser, &event) == 1 else { throw failure() }
    defer { yaml_event_delete(&event) }
    let mark = event.start_mark
    let place = YAMLPlace(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1)
    func text(_ pointer: UnsafeMutablePointer<yaml_char_t>?) -> String? { pointer.map { String(cString: $0) } }
    switch event.type {
    case YAML_STREAM_START_EVENT: return Event(kind: .streamStart, place: place)
    case YAML_DOCUMENT_START_EVENT: return Event(kind: .documentStart, place: place)
    case YAML_DOCUMENT_END_EVENT: return Event(kind: .documentEnd, place: place)
    case YAML_ALIAS_EVENT: return Event(kind: .alias(text(event.data.alias.anchor) ?? ""), place: place)
    case YAML_SCALAR_EVENT:
      let scalar = event.data.scalar
      let value = String(decoding: UnsafeBufferPointer(start: scalar.value, count: Int(scalar.length)), as: UTF8.self)
      return Event(
        kind: .scalar(text: value, isPlain: scalar.style == YAML_PLAIN_SCALAR_STYLE), anchor: text(scalar.anchor),
        tag: text(scalar.tag), place: place)
    case YAML_SEQUENCE_START_EVENT:
      let start = event.data.sequence_start
      return Event(kind: .sequenceStart, anchor: text(start.anchor), tag: text(start.tag), place: place)
    case YAML_SEQUENCE_END_EVENT: return Event(kind: .sequenceEnd, place: place)
    case YAML_MAPPING_START_EVENT:
      let start = event.data.mapping_start
      return Event(kind: .mappingStart, anchor: text(start.anchor), tag: text(start.tag), place: place)
    case YAML_MAPPING_END_EVENT: return Event(kind: .mappingEnd, place: place)
    default: return Event(kind: .streamEnd, place: place)
    }
  }

  private func failure() -> YAMLError {
    let state = parser.pointee
    let problem = state.problem.map { String(cString: $0) } ?? "not YAML"
    if state.error == YAML_READER_ERROR {
      return YAMLError(YAMLPlace(file: file), "\(problem) at byte \(state.problem_offset); the file must be UTF-8")
    }
    let mark = state.problem_mark
    let context = state.context.map { " \(String(cString: $0))" } ?? ""
    return YAMLError(
      YAMLPlace(file: file, line: Int(mark.line) + 1, column: Int(mark.column) + 1), "not YAML: \(problem)\(context)")
  }
}
