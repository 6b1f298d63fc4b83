/// One line of `ragmeter dataset list`, and what is known of an entry without reading its vectors.
public struct DatasetListing: Sendable, Equatable, Encodable {
  /// Where an entry's vectors would come from.
  public enum Availability: String, Sendable, Encodable {
    case mirror, package, cache
    /// Nothing of it is here; `dataset fetch` brings it.
    case network
    /// A Debian package that is not installed brings it.
    case missingPackage = "missing package"
    case generated
    /// Made of a corpus here; `dataset fetch` does so, and so does the first use.
    case derivable
  }

  public var name: String
  public var about: String
  public var licence: String
  public var source: String
  public var metric: DatasetMetric
  public var dimension: Int
  /// Rows of the base set, and queries, held out where the source has none.
  public var base: Int
  public var queries: Int
  public var availability: Availability
  /// What brings it where it is not here: URLs, or the words to install a package.
  public var from: [String]

  enum CodingKeys: String, CodingKey {
    case name, about, licence, source, metric, dimension, base, queries, availability, from
  }
}

extension DatasetLoader {
  /// Every entry of the catalogue, in its order.
  public func listing() -> [DatasetListing] { catalog.entries.map(listing) }

  public func listing(of entry: CatalogEntry) -> DatasetListing {
    let generated = SyntheticParameters()
    return DatasetListing(
      name: entry.name, about: entry.about, licence: entry.licence, source: entry.source, metric: entry.metric,
      dimension: entry.dimension, base: entry.isSynthetic ? generated.count : entry.baseCount,
      queries: entry.isSynthetic ? generated.queries : entry.queryCount, availability: availability(of: entry),
      from: entry.derived.map { ["embedding \($0.corpus) with \($0.embedder)"] } ?? entry.sources)
  }

  private func availability(of entry: CatalogEntry) -> DatasetListing.Availability {
    guard !entry.isSynthetic else { return .generated }
    let origins = entry.files.map { library.origin(of: $0, in: entry) }
    if origins.contains(nil) {
      if entry.derived != nil { return .derivable }
      return entry.files.allSatisfy { $0.urls.isEmpty && $0.package != nil } ? .missingPackage : .network
    }
    return switch origins.compactMap(\.self).last {
    case .mirror: .mirror
    case .package: .package
    default: .cache
    }
  }
}
