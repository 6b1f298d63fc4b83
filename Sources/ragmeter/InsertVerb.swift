import Documents
import Embedders
import Files
import Foundation
import Instrumentation
import ModelFiles
import RAGPipeline
import Spelling
import VectorIndexes
import VectorStores

/// `ragmeter insert --store SPEC --collection C PATH… | --jsonl`
enum InsertVerb: Verb {
  static let name = "insert"
  static let summary = "fill a collection of a store with documents, texts or vectors"
  static let usage = """
    usage: ragmeter insert --store SPEC --collection C --embedder E [options] PATH...
           ragmeter insert --store SPEC --collection C --jsonl [--embedder E] [options]

    Cuts documents into chunks, embeds them, stores them as rows of a collection, and builds its index. The collection is made
    if need be, and so is the file of an embedded store, whose indexes lie beside it in FILE.indexes. PATH is what
    'ragmeter chunk' takes: a file, a folder, a URL, JSON lines, a BEIR folder, a SQuAD file. Its chunks have the fields
    document, index, text, start, end, source, title and metadata, and the key DOCUMENT#INDEX.

    With --jsonl, standard input is one {"id", "vector" or "text", ...fields} a line. Every batch that is on the disk is
    answered by a line {"rows": SO FAR}. Without "id" the store gives keys. Both ways end with a line that sums up.

    \(StoreOptions.usage)
      --embedder E        minilm, minilm:precision=fast, hashing:dimension=384, ...: 'ragmeter help embed' (what the
                          collection was filled with; llama-stack embeds by itself)
      --chunker C         recursive:size=512,overlap=51, markdown, sentence, separator, tokens, whole (recursive)
      --index SPEC        of a new collection: flat, ivf:nlist=256, hnsw:m=16,ef_construction=200, ... (hnsw)
      --metric M          of a new collection: L2, IP or COSINE (IP for an embedder that normalises, else COSINE)
      --upsert            replace rows with the same key instead of refusing them
      --batch N           rows stored at a time (512)
      --glob PATTERN      which files of a folder are documents (**/*)
      --jsonl             read rows from standard input

    example: ragmeter insert --store docs.store --collection faq --embedder minilm --chunker markdown docs/
    """
  static let options: [Option] = [
    .value("--store"), .value("--collection"), .value("--embedder"), .value("--chunker"), .value("--index"),
    .value("--metric"), .flag("--upsert"), .value("--batch"), .value("--glob"), .flag("--jsonl"),
  ]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let collection = try StoreOptions.required("--collection", "NAME", arguments)
    guard arguments.has("--jsonl") != !arguments.operands.isEmpty else {
      throw UsageError("needs either documents to read, or --jsonl for rows on standard input")
    }
    let batch = try arguments.integer("--batch", in: 1...1_000_000, default: 512)
    let start = MonotonicClock.now()
    let store = try StoreOptions.open(name, arguments, access: .readWrite)
    let present = try store.collections().first { $0.schema.name == collection }?.schema
    let embedder = try StoreOptions.embedder(arguments, of: present)
    var schema = try schema(collection, present, arguments, embedder)
    if present == nil, let server = store as? LlamaStackStore {
      // It embeds the rows itself where nobody here does, and chooses the index.
      if embedder == nil { schema.dimension = try server.serversEmbedder().dimension ?? schema.dimension }
      if arguments.value("--index") == nil { schema.index = IndexSpecification(kind: LlamaStackStore.serversChoice) }
    }
    let report: CollectionFiller.Report
    var documents: Int?
    if arguments.has("--jsonl") {
      var filler = try CollectionFiller(
        store: store, schema: schema, replaces: arguments.has("--upsert"), embed: embedder?.embedder.textVectors)
      try fill(&filler, batch: batch)
      try filler.finish()
      report = filler.report
    } else {
      var ingestion = try Ingestion(
        chunker: chunker(arguments), embedder: embedder?.embedder, store: store, schema: schema,
        replaces: arguments.has("--upsert"), batch: batch)
      try fill(&ingestion, from: arguments)
      try ingestion.finish()
      report = ingestion.report
      documents = ingestion.documents
    }
    try store.close()
    if report.truncated > 0 {
      complain(
        "insert: \(report.truncated) of \(report.texts) texts are longer than the embedder reads and were cut off")
    }
    var summary: [String: FieldValue] = [
      "collection": .string(collection), "rows": .integer(Int64(report.rows)),
      "replaced": .integer(Int64(report.replaced)), "texts": .integer(Int64(report.texts)),
      "truncated": .integer(Int64(report.truncated)),
      "seconds": .number(MonotonicClock.seconds(from: start, to: MonotonicClock.now())),
    ]
    if let documents { summary["documents"] = .integer(Int64(documents)) }
    try StandardOutput.write(Array("\(FieldValue.object(summary).json)\n".utf8))
    return .success
  }

  /// What a new collection is to be; a present one is what it is, and is not asked to be another.
  private static func schema(
    _ name: String, _ present: CollectionSchema?, _ arguments: Arguments, _ embedder: StoreOptions.NamedEmbedder?
  ) throws -> CollectionSchema {
    if let present {
      for option in ["--index", "--metric"] where arguments.value(option) != nil {
        throw UsageError(
          "\(option) is for a new collection; '\(name)' is there already, with index \(present.index.kind)")
      }
      return present
    }
    var schema = CollectionSchema(name: name, dimension: 1, metric: .cosine, index: IndexSpecification(kind: "hnsw"))
    if embedder?.embedder.isNormalized == true { schema.metric = .ip }
    if let word = arguments.value("--metric") {
      guard let metric = StoreMetric(rawValue: word.uppercased()) else {
        throw UsageError("--metric is L2, IP or COSINE, not '\(word)'")
      }
      schema.metric = metric
    }
    if let word = arguments.value("--index") {
      do {
        let text = try SpecificationText(word)
        schema.index = IndexSpecification(kind: text.kind, parameters: text.dictionary)
        _ = try IndexFactory.make(schema.index, dimension: 2, metric: .l2)
      } catch {
        throw UsageError("--index \(word): \(error)")
      }
    }
    if let embedder { schema.properties["embedder"] = embedder.name }
    return schema
  }

  private static func fill(_ filler: inout CollectionFiller, batch: Int) throws {
    let reader = LineReader(descriptor: STDIN_FILENO, name: LineExchange.source)
    var lines: [RowLine] = []
    func flush() throws {
      if lines.isEmpty { return }
      try filler.add(lines)
      lines.removeAll(keepingCapacity: true)
      try StandardOutput.write(Array("{\"rows\":\(filler.report.rows)}\n".utf8))
    }
    while let line = try reader.next() {
      if line.bytes.allSatisfy({ $0 == 0x20 || 0x09...0x0D ~= $0 }) { continue }
      lines.append(try RowLine(line: line.bytes, number: line.number, source: LineExchange.source))
      if lines.count == batch { try flush() }
    }
    try flush()
  }

  private static func chunker(_ arguments: Arguments) throws -> any Chunker {
    do {
      return try ChunkerFactory.make(
        try ChunkerSpecification(parsing: arguments.value("--chunker") ?? RecursiveChunker.kind)
      ) { model in
        try TokenizerReader.read(ModelLibrary(environment: ProcessInfo.processInfo.environment).folder(model))
      }
    } catch let error as ChunkerError {
      throw UsageError("\(error)")
    }
  }

  private static func fill(_ ingestion: inout Ingestion, from arguments: Arguments) throws {
    var options = LoadingOptions()
    if let glob = arguments.value("--glob") { options.glob = glob }
    for input in arguments.operands {
      let corpus = try CorpusLoader.load(path: input, options: options)
      for warning in corpus.warnings { complain("insert: \(warning)") }
      for var document in corpus.documents {
        // Ids are unique in one input alone.
        if arguments.operands.count > 1 {
          document.id = document.source == input ? input : "\(input)/\(document.id)"
        }
        try ingestion.add([document])
      }
    }
  }
}
