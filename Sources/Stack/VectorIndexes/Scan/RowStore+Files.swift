import Kernels

extension RowStore {
  /// The store's sections, their names beginning with `prefix`; valid while the store does not change.
  func sections(prefix: String = "") -> [IndexFile.Section] {
    var sections = [IndexFile.Section(prefix + "ids", ids.elements)]
    switch originals {
    case .f32: sections.append(.init(prefix + "vectors", floats.elements))
    case .f16: sections.append(.init(prefix + "vectors", halves.elements))
    case .none: break
    }
    if !codec.isNone {
      sections.append(.init(prefix + "codes", panels.elements))
      sections.append(.init(prefix + "terms", terms.elements))
    }
    return sections
  }

  /// A store that reads from a file until it must change.
  ///
  /// - Throws: `corruptFile` when a section is missing or its length does not fit.
  convenience init(
    file: IndexFile, prefix: String = "", dimension: Int, metric: DistanceMetric, originals: Originals, codec: RowCodec,
    bounded: Bool
  ) throws {
    let ids = try file.section(prefix + "ids", of: Int64.self)
    let count = ids.elements.count
    let bound = Self.bound(metric, originals, codec, bounded)
    let panelCount = Panels.count(rows: count)
    let termCount = panelCount * (bound != nil ? PanelScan.boundTerms : PanelScan.scoreTerms)
    self.init(
      dimension: dimension, metric: metric, originals: originals, codec: codec, bounded: bounded,
      floats: originals == .f32
        ? GrowableBuffer(try file.section(prefix + "vectors", of: Float.self, count: count * dimension))
        : GrowableBuffer(),
      halves: originals == .f16
        ? GrowableBuffer(try file.section(prefix + "vectors", of: UInt16.self, count: count * dimension))
        : GrowableBuffer(),
      panels: codec.isNone
        ? GrowableBuffer()
        : GrowableBuffer(try file.section(prefix + "codes", of: UInt8.self, count: panelCount * codec.panelBytes)),
      terms: codec.isNone
        ? GrowableBuffer() : GrowableBuffer(try file.section(prefix + "terms", of: Float.self, count: termCount)),
      ids: GrowableBuffer(ids), count: count)
  }
}
