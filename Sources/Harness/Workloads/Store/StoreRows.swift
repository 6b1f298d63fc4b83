internal import Datasets
internal import Statistics
internal import VectorStores

/// The rows of a dataset as stores take them: row numbers as keys, and as fields what there is to hold beside a vector.
struct StoreRows: Sendable {
  /// The field that filters ask for.
  static let rank = "rank"
  /// The field that a store which searches by text embeds.
  static let text = "text"

  let dataset: VectorDataset
  /// What the vectors were made of, where they were made of texts.
  let texts: DatasetTexts?
  /// Where a section filters.
  let ranks: RowRanks?

  var count: Int { dataset.base.count }

  func row(_ number: Int) -> StoreRow {
    row(number, vector: Array(dataset.base.row(number)), text: texts?.base[number])
  }

  /// A row under a number, the numbers beyond the base set's among them.
  func row(_ number: Int, vector: [Float], text: String?) -> StoreRow {
    var fields: [String: FieldValue] = [:]
    if let text { fields[Self.text] = .string(text) }
    if let ranks { fields[Self.rank] = .integer(ranks.rank(of: number)) }
    return StoreRow(key: .integer(Int64(number)), vector: vector, fields: fields)
  }

  /// The filter that leaves a share of the rows; nil for all.
  func filter(_ share: Double) -> String? { ranks?.bound(share).map { "\(Self.rank) < \($0)" } }

  /// The rows that it leaves, ascending.
  func allowed(_ share: Double) -> [Int64]? { ranks?.allowed(share) }

  /// What a reader must know of the data beside a number.
  var labels: [String: String] {
    dataset.labels.merging(texts == nil ? [:] : ["fields": Self.text]) { $1 }
  }
}

/// A seeded order of the rows, so that "rank < n" is a filter that leaves any n of them.
struct RowRanks: Sendable {
  private let ranks: [Int64]

  init(count: Int, seed: UInt64) {
    var generator = SplitMix64(seed: seed ^ 0x7261_6E6B)
    ranks = (0..<Int64(count)).shuffled(using: &generator)
  }

  /// Rows beyond those that were ranked come last.
  func rank(of number: Int) -> Int64 { number < ranks.count ? ranks[number] : Int64(number) }

  /// The first rank that a share leaves out; nil where it leaves none out.
  func bound(_ share: Double) -> Int64? { share < 1 ? Int64((share * Double(ranks.count)).rounded()) : nil }

  func allowed(_ share: Double) -> [Int64]? {
    bound(share).map { bound in ranks.indices.filter { ranks[$0] < bound }.map(Int64.init) }
  }
}
