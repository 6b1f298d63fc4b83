/// One set of prompts of the catalogue, or one trace of their lengths: what a generator is asked.
public struct PromptEntry: CatalogItem, Equatable {
  public var name: String
  /// What the prompts are, in a few words.
  public var about: String
  public var licence: String
  /// The page, or the commit, that they are from.
  public var source: String
  /// As the source counts them.
  public var requests: Int
  public var mirrorFolder: String
  /// How it is read its ending tells: `.jsonl` and `.txt` hold prompts, `.csv` lengths.
  public var file: CatalogFile

  public var files: [CatalogFile] { [file] }

  /// Whether it holds lengths alone.
  public var isTrace: Bool { PromptEntry.isTrace(file.name) }

  /// Whether a file of this name holds lengths alone.
  public static func isTrace(_ path: String) -> Bool { path.hasSuffix(".csv") || path.hasSuffix(".csv.gz") }
}
