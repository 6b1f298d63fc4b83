internal import Datasets
internal import Experiments

/// What data and engines will take, for the plan: close enough to refuse what cannot fit, from above.
enum MemoryEstimate {
  static func bytes(of dataset: VectorDataset) -> Int { (dataset.base.values.count + dataset.queries.values.count) * 4 }

  static func bytes(of engine: EngineChoice, on dataset: VectorDataset) -> Int {
    bytes(of: engine, rows: dataset.base.count, dimension: dataset.base.dimension)
  }

  /// The original vectors, a byte a dimension for codes, and a graph of `m` links twice over at level 0.
  static func bytes(of engine: EngineChoice, rows: Int, dimension: Int) -> Int {
    let links = engine.build.entries.first { $0.name.lowercased() == "m" }.flatMap { Int($0.value) } ?? 32
    return rows * (dimension * 5 + links * 2 * 4 + 64) + adapterCost(engine, rows * dimension)
      + storeCost(engine, rows * dimension)
  }

  /// The tail that rows wait in, a batch on its way to the disk, and SQLite's pages.
  private static func storeCost(_ engine: EngineChoice, _ values: Int) -> Int {
    engine.store == .embedded ? 128 << 20 + values * 5 : 0
  }

  /// An adapter is an interpreter with its libraries, and reads the vectors through its own mapping.
  private static func adapterCost(_ engine: EngineChoice, _ values: Int) -> Int {
    if case .adapter = engine.source { return 300 << 20 + values * 4 }
    return 0
  }
}
