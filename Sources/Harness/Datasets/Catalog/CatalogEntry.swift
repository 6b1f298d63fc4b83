/// What the catalogue's vectors and texts share: files that are looked for in several places.
public protocol CatalogItem: Sendable {
  /// Unique in the catalogue; the folder of the cache that files are fetched into.
  var name: String { get }
  /// Where a mirror keeps the files, below its own folder.
  var mirrorFolder: String { get }
  var files: [CatalogFile] { get }
}

/// One set of vectors of the catalogue.
public struct CatalogEntry: CatalogItem, Equatable {
  public var name: String
  /// What the vectors are, in a few words.
  public var about: String
  public var licence: String
  /// The page that describes the data.
  public var source: String
  public var metric: DatasetMetric
  public var dimension: Int
  /// `nil` where the generator makes the data.
  public var base: CatalogPart?
  /// `nil` where the source has no queries, and `heldOut` rows are taken out of the base set.
  public var queries: CatalogPart?
  public var heldOut: Int
  /// Leaves out vectors of zeros, which have no direction; only for sets that are known to hold some.
  public var dropsZeroRows: Bool
  public var files: [CatalogFile]
  /// What the vectors are made of, where no source has them.
  public var derived: CatalogDerivation?

  public var mirrorFolder: String { name }

  public var isSynthetic: Bool { base == nil }

  /// Rows of the base set after queries are held out.
  public var baseCount: Int { (base?.count ?? 0) - (queries == nil ? heldOut : 0) }

  public var queryCount: Int { queries?.count ?? heldOut }
}

/// The base set or the queries within an entry's files.
public struct CatalogPart: Sendable, Equatable {
  /// Name of one of the entry's files.
  public var file: String
  public var count: Int
  public var format: VectorFormat
  /// Path within a tar archive.
  public var member: String?
  /// HDF5's table.
  public var table: String?
  /// Column of a TSV or CSV file, counted from 1, that holds an id.
  public var idColumn: Int?
}

/// A file and all the places where it may be found.
public struct CatalogFile: Sendable, Equatable {
  /// Its name in the dataset's folder of the cache and of a mirror.
  public var name: String
  public var urls: [String] = []
  /// Lower-case hexadecimal; `nil` where nobody could compute it, and the first fetch records it.
  public var sha256: String?
  public var bytes: Int?
  /// Of a larger file of the format `.fbin`, `.u8bin` or `.i8bin`, only the first rows are fetched.
  public var slice: VectorShape?
  public var package: CatalogPackage?
}

/// A Debian package that brings a file.
public struct CatalogPackage: Sendable, Equatable {
  public var name: String
  public var path: String
}
