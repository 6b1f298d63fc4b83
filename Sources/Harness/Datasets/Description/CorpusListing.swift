/// One line of the corpora of `ragmeter dataset list`: what is known of an entry without reading its texts.
public struct CorpusListing: Sendable, Equatable, Encodable {
  /// Where an entry's texts would come from.
  public enum Availability: String, Sendable, Encodable {
    /// The project's own folder.
    case project
    case mirror, package, cache
    /// Nothing of it is here; `dataset fetch` brings it.
    case network
    /// A Debian package that is not installed brings it.
    case missingPackage = "missing package"
  }

  public var name: String
  public var about: String
  public var licence: String
  public var source: String
  public var format: String
  /// As the catalogue counts them.
  public var documents: Int
  public var questions: Int
  public var availability: Availability
  /// Where it is, if it is here.
  public var path: String?
  /// What brings it where it is not here: URLs, or the words to install a package.
  public var from: [String]

  enum CodingKeys: String, CodingKey {
    case name, about, licence, source, format, documents, questions, availability, path, from
  }
}

extension DatasetLoader {
  /// Every corpus of the catalogue, in its order.
  public func corpora() -> [CorpusListing] { catalog.corpora.map(listing) }

  public func listing(of entry: CorpusEntry) -> CorpusListing {
    let origin = library.origin(of: entry)
    let availability: CorpusListing.Availability =
      switch origin {
      case .mirror: .mirror
      case .package: .package
      case .cache: .cache
      case nil where entry.folder != nil: .project
      case nil: entry.files.allSatisfy { $0.urls.isEmpty && $0.package != nil } ? .missingPackage : .network
      }
    return CorpusListing(
      name: entry.name, about: entry.about, licence: entry.licence, source: entry.source, format: entry.format,
      documents: entry.documents, questions: entry.questions, availability: availability,
      path: entry.folder ?? origin?.path, from: entry.sources)
  }
}

extension CatalogItem {
  /// URLs, and the words to install packages, that bring the files.
  var sources: [String] {
    files.flatMap { file in
      file.urls + (file.package.map { ["sudo apt-get install \($0.name)"] } ?? [])
    }.reduce(into: []) { if !$0.contains($1) { $0.append($1) } }
  }
}
