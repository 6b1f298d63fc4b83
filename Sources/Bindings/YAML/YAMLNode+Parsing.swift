#if canImport(Glibc)
  internal import Glibc
#endif

extension YAMLNode {
  /// Reads the one document of `text`; `file` is what errors call it. An empty text is null.
  ///
  /// - Throws: `YAMLError` for anything that is not YAML, a key given twice, a key that is no scalar, an unknown tag or
  ///   alias, a second document, or a document beyond `limits`.
  public static func parse(
    _ text: some StringProtocol, file: String, limits: YAMLLimits = YAMLLimits()
  ) throws(YAMLError) -> YAMLNode {
    try parse(bytes: Array(text.utf8), file: file, limits: limits)
  }

  /// Reads the one document of a file.
  ///
  /// - Throws: `YAMLError` as `parse` does, and where the file cannot be read.
  public static func load(path: String, limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> YAMLNode {
    guard let file = fopen(path, "r") else {
      throw YAMLError(YAMLPlace(file: path), "cannot be opened: \(String(cString: strerror(errno)))")
    }
    defer { fclose(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while bytes.count <= limits.bytes {
      let read = fread(&chunk, 1, chunk.count, file)
      bytes.append(contentsOf: chunk[..<read])
      if read < chunk.count { break }
    }
    guard ferror(file) == 0 else {
      throw YAMLError(YAMLPlace(file: path), "cannot be read: \(String(cString: strerror(errno)))")
    }
    return try parse(bytes: bytes, file: path, limits: limits)
  }

  private static func parse(bytes: [UInt8], file: String, limits: YAMLLimits) throws(YAMLError) -> YAMLNode {
    guard bytes.count <= limits.bytes else {
      throw YAMLError(YAMLPlace(file: file), "larger than \(limits.bytes) bytes, which no YAML file here needs to be")
    }
    var builder = YAMLTreeBuilder(stream: try YAMLEventStream(bytes, file: file), limits: limits)
    return try builder.document(file: file)
  }
}
