package import Experiments
package import VectorStores

/// One row of a store workload.
package struct StoreCase: Sendable {
  var planned: PlannedCase
  var search: ParameterPoint
  var k: Int
  var threads: Int
  /// Share of the rows that may be returned; 1 for no filter.
  var filter: Double
  var consistency: Consistency

  /// "store/sift-5k/milvus/hnsw/m=16,ef_construction=200/ef=40". Conditions stand before the search parameters, and only where
  /// they are not the usual k = 10, one thread, no filter, strong consistency.
  package static func id(
    section: String, dataset: String, store: VectorStoreChoice, index: EngineChoice, search: ParameterPoint, k: Int,
    threads: Int, filter: Double, consistency: Consistency
  ) -> String {
    var conditions: [String] = []
    if k != SearchSection.defaultK { conditions.append("k=\(k)") }
    if threads != 1 { conditions.append("threads=\(threads)") }
    if filter < 1 { conditions.append("filter=\(filter)") }
    if consistency != .strong { conditions.append("consistency=\(consistency.rawValue)") }
    let parts =
      [section, dataset] + store.idParts + index.idParts
      + (conditions.isEmpty ? [] : [conditions.joined(separator: ",")])
      + (search.entries.isEmpty ? [] : [search.label])
    return parts.joined(separator: "/")
  }

  /// What varied besides the store, the index and its parameters.
  var conditionLabels: [String: String] {
    var labels = ["k": "\(k)", "threads": "\(threads)", "consistency": consistency.rawValue]
    if filter < 1 { labels["filter"] = "\(filter)" }
    return labels
  }

  /// The same as a case of a search workload, whose metrics it shares.
  var asSearch: SearchCase {
    SearchCase(
      planned: planned, search: search, k: k, threads: threads, mode: .single, filter: filter, insertRate: nil)
  }
}
