/// One corpus of texts of the catalogue. How its format is read, `Documents` knows.
public struct CorpusEntry: CatalogItem, Equatable {
  public var name: String
  /// What the texts are, in a few words.
  public var about: String
  public var licence: String
  /// The page, or the commit, that the texts are from.
  public var source: String
  /// By the words of `Documents`: "folder", "squad", "beir", ….
  public var format: String
  /// Which files of a folder are documents; nil for all.
  public var glob: String?
  /// As the source counts them.
  public var documents: Int
  /// 0 for plain text.
  public var questions: Int
  public var mirrorFolder: String
  /// A folder of the project itself, which needs no files.
  public var folder: String?
  /// Where the texts are packed into one of the files.
  public var archive: CorpusArchive?
  public var files: [CatalogFile]
}

/// A packed corpus.
public struct CorpusArchive: Sendable, Equatable {
  /// Name of one of the entry's files: a gzip-compressed tar archive or a zip.
  public var file: String
  /// The folder within the archive that is the corpus. The archive's own first folder, whose name says a commit, say, is
  /// left out of it: `site/en` stands for `milvus-docs-bc8e662e/site/en`, and `.` for all that is in it.
  public var folder: String
}
