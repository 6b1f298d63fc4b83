internal import Files

extension CorpusLoader {
  /// A member beyond that is no text that anyone wrote.
  private static let memberLimit = 1 << 30

  /// Every member of a zip archive that the glob chooses, in the order of their paths, which are the documents' ids. Binary
  /// members are left out and named.
  static func zip(_ path: String, name: String, options: LoadingOptions) throws -> Corpus {
    let pattern = try GlobPattern(options.glob)
    let reader = DocumentReader(options: options)
    let archive = try ZipArchive(path: path)
    let chosen = archive.entries.filter { !$0.isFolder && pattern.matches($0.name) }
      .sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
    guard !chosen.isEmpty else {
      throw DataError.unavailable(name: path, reason: "no member matches the glob '\(options.glob)'")
    }
    var builder = CorpusBuilder(source: path)
    for entry in chosen {
      try archive.bytes(of: entry, limit: memberLimit).withUnsafeBytes { bytes in
        try builder.add(
          bytes, id: entry.name, source: "\(path)!\(entry.name)", format: DocumentFormat(path: entry.name),
          reader: reader)
      }
    }
    return builder.corpus(name: name)
  }
}
