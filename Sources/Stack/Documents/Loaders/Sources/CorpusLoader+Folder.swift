internal import Files

extension CorpusLoader {
  /// Every file below a folder that the glob chooses, in the order of their paths, which are the documents' ids. Binary files
  /// are left out and named.
  static func folder(_ path: String, name: String, options: LoadingOptions) throws -> Corpus {
    let pattern = try GlobPattern(options.glob)
    let reader = DocumentReader(options: options)
    var builder = CorpusBuilder(source: path)
    let chosen = try FolderListing.files(below: path).filter(pattern.matches)
    guard !chosen.isEmpty else {
      throw DataError.unavailable(name: path, reason: "no file there matches the glob '\(options.glob)'")
    }
    for file in chosen {
      let source = "\(path)/\(file)"
      let content = try FileBytes(path: source, allowingEmpty: true)
      try builder.add(content.bytes, id: file, source: source, format: DocumentFormat(path: file), reader: reader)
      withExtendedLifetime(content) {}
    }
    return builder.corpus(name: name)
  }

  /// One file, called by its name.
  static func file(_ path: String, name: String, options: LoadingOptions) throws -> Corpus {
    let content = try FileBytes(path: path, allowingEmpty: true)
    defer { withExtendedLifetime(content) {} }
    guard !BinaryContent.isBinary(content.bytes) else {
      throw DataError.invalid("'\(path)' is binary, not text; convert it to text, Markdown or HTML first")
    }
    var builder = CorpusBuilder(source: path)
    let id = path.split(separator: "/").last.map(String.init) ?? path
    try builder.add(
      content.bytes, id: id, source: path, format: DocumentFormat(path: path), reader: DocumentReader(options: options))
    return builder.corpus(name: name)
  }
}

extension CorpusBuilder {
  /// Reads a document, or leaves it out where the bytes are no text.
  mutating func add(
    _ bytes: UnsafeRawBufferPointer, id: String, source: String, format: DocumentFormat, reader: DocumentReader
  ) throws {
    guard !BinaryContent.isBinary(bytes) else { return leaveOut(binary: id) }
    let result = try reader.read(bytes, format: format, id: id, source: source)
    try add(result.document, at: source)
    for warning in result.warnings { warn("\(source): \(warning)") }
  }
}
