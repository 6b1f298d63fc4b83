import Datasets
import Experiments
import Foundation
import Reports
import Spelling
import Workloads

/// `ragmeter dataset`: what vectors and texts there are, and bringing, describing and converting them.
enum DatasetVerb: Verb {
  static let name = "dataset"
  static let summary = "list, fetch, describe and convert vectors and texts"
  static let options: [Option] = [
    .value("--json"), .value("--part"), .value("--rows"), .value("--table"), .value("--id-column"), .value("--metric"),
    .value("--queries"),
  ]
  static let usage = """
    usage: ragmeter dataset list [--json FILE]
           ragmeter dataset fetch NAME... [--json FILE]
           ragmeter dataset info NAME|PATH [--metric l2|ip|cosine] [--queries PATH] [--id-column N] [--json FILE]
           ragmeter dataset convert NAME|PATH OUT [--part base|queries] [--rows N] [--table T] [--id-column N]

    'list' shows the catalogue (datasets/catalog.yml), sets of vectors, corpora of texts and prompts for generators, and
    where each would come from. 'fetch' downloads what is not here yet, goes on where an earlier attempt broke off, and
    checks every file; sets that are made of texts it embeds.
    'info' reads a set that is here and describes it. 'convert' writes vectors in the format that OUT's ending names.

    NAME is of the catalogue, or 'synthetic:key=value,…' of the generator, whose keys are count, dimension, queries,
    clusters, intrinsic_dimension, noise, metric and seed. A PATH ends in one of .fvecs .ivecs .bvecs .fbin .u8bin .i8bin
    .ibin .npy .tsv .csv .hdf5 .idx (or MNIST's -ubyte), with .gz or without; .hdf5 and .idx are only read.

      --part base|queries   which vectors of a named set to convert (base)
      --rows N              convert only the first N rows
      --table T             which table of an HDF5 file to convert (train)
      --id-column N         the column of a TSV or CSV file, counted from 1, that holds an id
      --queries PATH        the queries that belong to PATH
      --json FILE           write the result as JSON; '-' for standard output instead of the table

    RAGMETER_MIRROR names a folder to look in first; RAGMETER_CACHE, where files are kept (~/.cache/ragmeter/datasets).

    example: ragmeter dataset info synthetic:count=10000,dimension=64,intrinsic_dimension=8
    """

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard let action = arguments.operands.first else { throw UsageError("list, fetch, info or convert is missing") }
    let operands = Array(arguments.operands.dropFirst())
    let loader = try DatasetLoader.deriving(
      environment: ProcessInfo.processInfo.environment, threads: ProcessInfo.processInfo.activeProcessorCount)
    switch action {
    case "list": try list(loader, operands, arguments)
    case "fetch": try fetch(loader, operands, arguments)
    case "info": try info(loader, operands, arguments)
    case "convert": try convert(loader, operands, arguments)
    default: throw UsageError("it knows list, fetch, info and convert, not '\(action)'")
    }
    return .success
  }

  private static func list(_ loader: DatasetLoader, _ operands: [String], _ arguments: Arguments) throws {
    guard operands.isEmpty else { throw UsageError("list takes no operand, not '\(operands[0])'") }
    let listing = Listing(datasets: loader.listing(), corpora: loader.corpora(), prompts: loader.prompts())
    try JSONResult.emit(listing, arguments) {
      let terminal = Terminal.standardOutput
      return [vectors(listing.datasets), texts(listing.corpora), prompts(listing.prompts)]
        .map { $0.terminal(width: terminal.width, color: terminal.hasColor) }.joined(separator: "\n")
    }
  }

  private struct Listing: Encodable {
    var datasets: [DatasetListing]
    var corpora: [CorpusListing]
    var prompts: [PromptListing]
  }

  private static func vectors(_ listing: [DatasetListing]) -> Table {
    var table = Table(
      title: "datasets",
      columns: [
        .init("name"), .init("rows", alignment: .right), .init("dimension", alignment: .right),
        .init("queries", alignment: .right), .init("metric"), .init("here", priority: 1),
        .init("licence", priority: 2), .init("about", priority: 3),
      ])
    for entry in listing {
      let numbers = [entry.base, entry.dimension, entry.queries].map { Table.Cell("\($0)") }
      let words = [entry.metric.rawValue, entry.availability.rawValue, entry.licence, entry.about]
      table.rows.append(.init([Table.Cell(entry.name)] + numbers + words.map { Table.Cell($0) }))
    }
    return table
  }

  private struct Fetched: Encodable {
    var name: String
    var paths: [String]
  }

  private static func fetch(_ loader: DatasetLoader, _ operands: [String], _ arguments: Arguments) throws {
    guard !operands.isEmpty else { throw UsageError("fetch needs a name; 'ragmeter dataset list' shows them") }
    let catalog = loader.catalog
    let names = catalog.entries.map(\.name) + catalog.corpora.map(\.name) + catalog.prompts.map(\.name)
    for name in operands where !names.contains(name) {
      let hint = Spelling.nearest(to: name, among: names)
      throw UsageError(
        "no dataset is called '\(name)'\(hint.map { "; did you mean '\($0)'?" } ?? "; 'dataset list' shows them")")
    }
    let bar = DownloadBar()
    let show: FetchProgress = { bar.show("\($0.activity) \($0.file)", received: $0.received, total: $0.total) }
    let fetched = try operands.map { name in
      defer { bar.end() }
      let vectors = try catalog[name].map { try loader.library.fetch($0, progress: show) } ?? []
      let texts = try catalog.corpus(name).map { [try loader.library.corpusPath(of: $0, progress: show)] } ?? []
      let prompts = try catalog.prompts(name).map { [try loader.library.path(of: $0, progress: show)] } ?? []
      return Fetched(name: name, paths: vectors + texts + prompts)
    }
    try JSONResult.emit(fetched, arguments) {
      fetched.map { set in
        set.paths.isEmpty
          ? "\(set.name) is generated; there is nothing to fetch\n" : set.paths.map { "\($0)\n" }.joined()
      }.joined()
    }
  }

  private static func info(_ loader: DatasetLoader, _ operands: [String], _ arguments: Arguments) throws {
    guard operands.count == 1 else { throw UsageError("info needs one name or path") }
    if let corpus = loader.catalog.corpus(operands[0]) { return try describe(corpus, loader, arguments) }
    if let prompts = loader.catalog.prompts(operands[0]) { return try describe(prompts, loader, arguments) }
    let request = try request(operands[0], arguments)
    if let entry = loader.catalog[operands[0]] {
      let listing = loader.listing(of: entry)
      if [.network, .missingPackage, .derivable].contains(listing.availability) {
        return try JSONResult.emit(listing, arguments) {
          JSONResult.lines([
            ("name", listing.name), ("about", listing.about), ("licence", listing.licence), ("source", listing.source),
            ("rows", "\(listing.base)"), ("dimension", "\(listing.dimension)"), ("queries", "\(listing.queries)"),
            ("metric", listing.metric.rawValue), ("here", "no"), ("comes from", listing.from.joined(separator: ", ")),
          ])
        }
      }
    }
    let summary = DatasetSummary(of: try loader.load(request))
    try JSONResult.emit(summary, arguments) {
      func range(_ range: DatasetSummary.Range) -> String {
        String(format: "%.4g to %.4g, mean %.4g", range.min, range.max, range.mean)
      }
      let entry = loader.catalog[operands[0]]
      let origin = entry.map { [("about", $0.about), ("licence", $0.licence), ("source", $0.source)] } ?? []
      let dimension = summary.intrinsicDimension.map { String(format: "%.1f, estimated", $0) }
      return JSONResult.lines(
        [("name", summary.name)] + origin + [
          ("rows", "\(summary.base)"), ("dimension", "\(summary.dimension)"), ("queries", "\(summary.queries)"),
          ("metric", summary.metric.rawValue),
          ("values", range(summary.values) + (summary.holdsBytes ? ", bytes" : "")),
          ("norms", range(summary.norms)), ("duplicate rows", "\(summary.duplicates)"),
          ("intrinsic dimension", dimension ?? "too few rows to tell"), ("content hash", summary.contentHash),
        ])
    }
  }

  private static func convert(_ loader: DatasetLoader, _ operands: [String], _ arguments: Arguments) throws {
    guard operands.count == 2 else { throw UsageError("convert needs an input and an output") }
    let rows = try arguments.value("--rows").map { _ in try arguments.integer("--rows", in: 1...Int.max, default: 1) }
    let part = arguments.value("--part") ?? "base"
    guard ["base", "queries"].contains(part) else { throw UsageError("--part is base or queries, not '\(part)'") }
    let set: VectorSet
    if loader.knows(operands[0]) {
      if arguments.value("--table") != nil { throw UsageError("--table is for HDF5 files; use --part with a name") }
      let dataset = try loader.load(try request(operands[0], arguments))
      let vectors = part == "base" ? dataset.base : dataset.queries
      set = try rows.map { try vectors.first($0) } ?? vectors
    } else {
      if arguments.value("--part") != nil { throw UsageError("--part is for named sets; a file has but one part") }
      set = try VectorFile(path: operands[0], table: arguments.value("--table"), idColumn: idColumn(arguments))
        .read(limit: rows)
    }
    try VectorFile.write(set, to: operands[1])
    print("\(operands[1]): \(set.count) × \(set.dimension)")
  }

  private static func request(_ name: String, _ arguments: Arguments) throws -> DatasetRequest {
    var request = DatasetRequest(
      name: name, queriesPath: arguments.value("--queries"), idColumn: try idColumn(arguments))
    if let metric = arguments.value("--metric") {
      guard let known = DatasetMetric(rawValue: metric) else {
        throw UsageError("--metric is l2, ip or cosine, not '\(metric)'")
      }
      request.metric = known
    }
    return request
  }

  private static func idColumn(_ arguments: Arguments) throws -> Int? {
    try arguments.value("--id-column").map { _ in try arguments.integer("--id-column", in: 1...1_000_000, default: 1) }
  }
}
