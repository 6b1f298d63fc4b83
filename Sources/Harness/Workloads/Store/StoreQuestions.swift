internal import Datasets
internal import Experiments
internal import VectorIndexes
internal import VectorStores

extension MeasuredCollection {
  /// How a case asks for its queries: everything that a call needs is made beforehand.
  ///
  /// - Throws: `EngineError` for what a store that searches by text cannot turn, and for search parameters that no index has.
  func asker(
    _ one: StoreCase, _ rows: StoreRows, output: StoreSection.Output
  ) throws -> @Sendable (_ query: Int) throws -> [SearchHit] {
    let (store, name) = try filled()
    let filter = rows.filter(one.filter)
    if let store = store as? any TextSearchStore {
      guard filter == nil, one.search.entries.isEmpty, one.consistency == .strong else {
        throw EngineError(
          "\(measured.choice.name) searches by text alone: leave filters, consistency and search parameters out for it")
      }
      guard let texts = rows.texts?.queries else { throw Self.needsTexts(measured.choice) }
      return { try Self.single(store.search(texts: [texts[$0]], limit: one.k, in: name), of: store) }
    }
    let parameters = try SearchParameters(named: one.search.dictionary)
    let requests = (0..<rows.dataset.queries.count).map { query in
      SearchRequest(
        vectors: Array(rows.dataset.queries.row(query)), limit: one.k, filter: filter,
        outputFields: output == .text ? .named([StoreRows.text]) : .none, consistency: one.consistency,
        parameters: parameters)
    }
    return { try Self.single(store.search(requests[$0], in: name), of: store) }
  }

  /// Looks for one row by its own vector or text.
  func finder(
    vector: [Float], text: String?, limit: Int, consistency: Consistency
  ) throws -> () throws -> [SearchHit] {
    let (store, name) = try filled()
    if let store = store as? any TextSearchStore {
      guard let text else { throw Self.needsTexts(measured.choice) }
      return { try Self.single(store.search(texts: [text], limit: limit, in: name), of: store) }
    }
    let request = SearchRequest(vectors: vector, limit: limit, consistency: consistency)
    return { try Self.single(store.search(request, in: name), of: store) }
  }

  private static func needsTexts(_ choice: VectorStoreChoice) -> EngineError {
    EngineError(
      "\(choice.name) searches by text, and the dataset has vectors alone; use a dataset such as embedded:corpus=handbook,…"
    )
  }

  private static func single(_ answers: [[SearchHit]], of store: any VectorStore) throws -> [SearchHit] {
    guard answers.count == 1, let hits = answers.first else {
      throw EngineError("\(store.name) answered \(answers.count) lists to one query")
    }
    return hits
  }
}
