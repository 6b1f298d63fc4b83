internal import Files

/// The door to documents: a path or URL becomes a corpus.
public enum CorpusLoader {
  /// Reads whatever `path` names. Ids do not change while the source does not: paths relative to the folder or archive, the
  /// source's own ids, or places in it.
  ///
  /// - Parameters:
  ///   - path: a file, a folder, or an HTTP or HTTPS URL.
  ///   - format: nil tells it by the path: see `CorpusFormat.init(of:)`.
  ///   - name: what reports call the corpus; nil takes the last part of the path without its ending.
  /// - Throws: `DataError` with the file, and the line or member at fault. What can be mended or left out is told in
  ///   `Corpus.warnings`.
  /// - Complexity: the source is read once; memory for its texts.
  public static func load(
    path: String, format: CorpusFormat? = nil, name: String? = nil, options: LoadingOptions = LoadingOptions()
  ) throws -> Corpus {
    let name = name ?? defaultName(of: path)
    switch try format ?? CorpusFormat(of: path) {
    case .file: return try file(path, name: name, options: options)
    case .folder: return try folder(path, name: name, options: options)
    case .zip: return try zip(path, name: name, options: options)
    case .jsonl: return try jsonLines(path, name: name, options: options)
    case .beir: return try beir(path, name: name, options: options)
    case .squad: return try squad(path, name: name)
    case .handbook: return try handbook(path, name: name, options: options)
    case .wordnet: return try wordNet(path, name: name)
    case .url: return try page(path, name: name, options: options)
    }
  }

  private static func defaultName(of path: String) -> String {
    let last = path.split(separator: "/").last.map(String.init) ?? path
    let ending = PathEnding.of(last)
    let plain = !ending.isEmpty && last.lowercased().hasSuffix(".gz") ? last.dropLast(3) : last[...]
    let stem = ending.isEmpty ? plain : plain.dropLast(ending.count + 1)
    return stem.isEmpty ? last : String(stem)
  }
}

extension CorpusFormat {
  /// What a path is by the look of it: a URL by its scheme; a folder with `corpus.jsonl` is BEIR, with `questions.jsonl` and
  /// `passages` a handbook, with `data.noun` WordNet, and another one a folder of documents; `.jsonl`, `.ndjson` JSON lines;
  /// `.json` SQuAD; `.zip` an archive; any other file one document.
  ///
  /// - Throws: `DataError.unavailable` where nothing is there.
  public init(of path: String) throws {
    if ["http://", "https://"].contains(where: path.lowercased().hasPrefix) {
      self = .url
    } else if try Folder.isFolder(path) {
      func holds(_ names: String...) -> Bool { names.allSatisfy { Folder.isReadable("\(path)/\($0)") } }
      if holds("corpus.jsonl") || holds("corpus.jsonl.gz") {
        self = .beir
      } else if holds("questions.jsonl", "passages") {
        self = .handbook
      } else {
        self = holds("data.noun", "data.verb", "data.adj", "data.adv") ? .wordnet : .folder
      }
    } else {
      switch PathEnding.of(path) {
      case "jsonl", "ndjson": self = .jsonl
      case "json": self = .squad
      case "zip": self = .zip
      default: self = .file
      }
    }
  }
}
