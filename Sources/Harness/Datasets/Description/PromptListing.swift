/// One line of the prompts of `ragmeter dataset list`.
public struct PromptListing: Sendable, Equatable, Encodable {
  public var name: String
  public var about: String
  public var licence: String
  public var source: String
  /// As the catalogue counts them.
  public var requests: Int
  /// Whether it holds lengths alone, and no words.
  public var isTrace: Bool
  public var availability: CorpusListing.Availability
  /// Where it is, if it is here.
  public var path: String?
  /// What brings it where it is not here: URLs, or the words to install a package.
  public var from: [String]

  enum CodingKeys: String, CodingKey {
    case name, about, licence, source, requests, availability, path, from
    case isTrace = "is_trace"
  }
}

extension DatasetLoader {
  /// Every set of prompts of the catalogue, in its order.
  public func prompts() -> [PromptListing] { catalog.prompts.map(listing) }

  public func listing(of entry: PromptEntry) -> PromptListing {
    let origin = library.origin(of: entry.file, in: entry)
    let availability: CorpusListing.Availability =
      switch origin {
      case .mirror: .mirror
      case .package: .package
      case .cache: .cache
      case nil: entry.file.urls.isEmpty && entry.file.package != nil ? .missingPackage : .network
      }
    return PromptListing(
      name: entry.name, about: entry.about, licence: entry.licence, source: entry.source, requests: entry.requests,
      isTrace: entry.isTrace, availability: availability, path: origin?.path, from: entry.sources)
  }
}
