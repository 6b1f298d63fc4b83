import Files
import VectorIndexes
import VectorStores

/// `ragmeter search --store SPEC --collection C QUESTION… | --jsonl`
enum SearchVerb: Verb {
  static let name = "search"
  static let summary = "search a collection of a store by text or vector"
  static let usage = """
    usage: ragmeter search --store SPEC --collection C [options] QUESTION...
           ragmeter search --store SPEC --collection C [options] --jsonl

    Writes a line of JSON for every question: {"id", "hits": [{"id", "distance", ...fields}]}, nearest first. The distance is
    the squared distance for L2, the similarity for IP and COSINE.

    With --jsonl, standard input is one {"id", "text"} or {"id", "vector"} a line; each is answered before the next is read,
    and a line that is none is named and makes the exit code 1.

    \(StoreOptions.usage)
      --limit K           hits a question (10)
      --filter F          only rows that match, such as 'year > 2020 and lang in ["en", "de"] and not (title like "Draft%")'
      --output-fields A,B fields that hits carry; '*' for all (none)
      --embedder E        of the questions (what the collection was filled with)
      --consistency C     Strong sees every row, Eventually those that the last built index holds (Strong)
      --ef N, --nprobe N, --rerank N
                          what the index turns at search time
      --jsonl             answer JSON lines on standard input

    example: ragmeter search --store docs.store --collection faq --limit 3 --output-fields text "How is data stored?"
    """
  static let options: [Option] = [
    .value("--store"), .value("--collection"), .value("--limit"), .value("--filter"), .value("--output-fields"),
    .value("--embedder"), .value("--consistency"), .value("--ef"), .value("--nprobe"), .value("--rerank"),
    .flag("--jsonl"),
  ]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let collection = try StoreOptions.required("--collection", "NAME", arguments)
    guard arguments.has("--jsonl") != !arguments.operands.isEmpty else {
      throw UsageError("needs either questions, or --jsonl for questions on standard input")
    }
    let request = try request(arguments)
    let store = try StoreOptions.open(name, arguments, access: .readOnly)
    let schema = try StoreOptions.schema(of: collection, in: store)
    // Loaded for the first text, as many questions are vectors.
    var embedder: StoreOptions.NamedEmbedder?
    let isKnown = arguments.value("--embedder") != nil || schema.properties["embedder"] != nil
    let canEmbed = isKnown && !(store is any TextSearchStore)
    let embed: ((String) throws -> [Float])? =
      canEmbed
      ? { text in
        if embedder == nil { embedder = try StoreOptions.embedder(arguments, of: schema) }
        return try embedder?.query(text) ?? []
      } : nil
    let stage = SearchStage(store: store, collection: collection, request: request, embed: embed)
    if arguments.has("--jsonl") {
      return try LineExchange.run(name) { line, number in
        (try stage.answer(line: line, number: number, source: LineExchange.source), 0)
      }
    }
    for (index, question) in arguments.operands.enumerated() {
      try StandardOutput.write(try stage.answer(id: .integer(Int64(index + 1)), text: question))
    }
    return .success
  }

  private static func request(_ arguments: Arguments) throws -> SearchRequest {
    func number(_ option: String) throws -> Int {
      try arguments.integer(option, in: 1...1_000_000, default: 0)
    }
    var request = SearchRequest(
      vectors: [], limit: try arguments.integer("--limit", in: 1...1_000_000, default: 10),
      filter: arguments.value("--filter"),
      parameters: SearchParameters(
        ef: try number("--ef"), nprobe: try number("--nprobe"), rerank: try number("--rerank")))
    switch arguments.value("--output-fields") {
    case nil: break
    case "*": request.outputFields = .all
    case let names?: request.outputFields = .named(names.split(separator: ",").map(String.init))
    }
    if let word = arguments.value("--consistency") {
      let known = Consistency.allCases.first { $0.rawValue.lowercased() == word.lowercased() }
      guard let known else { throw UsageError("--consistency is Strong or Eventually, not '\(word)'") }
      request.consistency = known
    }
    return request
  }
}
