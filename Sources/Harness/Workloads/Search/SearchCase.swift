package import Experiments

/// One row of a search workload.
package struct SearchCase: Sendable {
  var planned: PlannedCase
  var search: ParameterPoint
  var k: Int
  var threads: Int
  var mode: SearchPassRequest.Mode
  /// Share of the base set that may be returned; 1 for no filter.
  var filter: Double
  /// Vectors inserted a second meanwhile; nil for none.
  var insertRate: Int?

  /// "search/sift-5k/hnsw/m=16,ef_construction=200/ef=40". Conditions stand before the search parameters, and only where
  /// they are not the usual k = 10, one thread, one query a call, no filter.
  package static func id(
    section: String, dataset: String, engine: EngineChoice, search: ParameterPoint, k: Int, threads: Int,
    mode: SearchPassRequest.Mode, filter: Double, insertRate: Int?
  ) -> String {
    var conditions: [String] = []
    if k != SearchSection.defaultK { conditions.append("k=\(k)") }
    if threads != 1 { conditions.append("threads=\(threads)") }
    if case .batch(let size) = mode { conditions.append("batch=\(size)") }
    if filter < 1 { conditions.append("filter=\(filter)") }
    if let insertRate { conditions.append("rate=\(insertRate)") }
    let parts =
      [section, dataset] + engine.idParts + (conditions.isEmpty ? [] : [conditions.joined(separator: ",")])
      + (search.entries.isEmpty ? [] : [search.label])
    return parts.joined(separator: "/")
  }

  /// What varied besides the engine and its parameters.
  var conditionLabels: [String: String] {
    var labels = ["k": "\(k)", "threads": "\(threads)"]
    switch mode {
    case .single: labels["mode"] = "single"
    case .batch(let size):
      labels["mode"] = "batch"
      labels["batch"] = "\(size)"
    }
    if filter < 1 { labels["filter"] = "\(filter)" }
    if let insertRate { labels["rate"] = "\(insertRate)" }
    return labels
  }
}
