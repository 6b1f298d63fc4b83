import Workloads

/// `ragmeter index --dataset NAME --index SPEC`
enum IndexVerb: Verb {
  static let name = "index"
  static let summary = "sweep vector indexes over a dataset without a spec file"
  static let usage = """
    usage: ragmeter index --dataset NAME --index SPEC... [options]

    Builds each index once and searches it with each of its search parameters.

      --dataset NAME      a name of 'ragmeter dataset list', a file, or synthetic:count=N,dimension=D
      --index SPEC        flat, ivf:nlist=256,nprobe=1|4|16, hnsw:m=16,ef_construction=200,ef=10|40|160,
                          adapter:faiss,factory="HNSW16,Flat",efSearch=16|64; '|' separates the values of a grid and
                          each may be a range such as 10..160*2; repeatable
      --k K               neighbours a query (10)
      --threads N         threads that search (1)
      --metric METRIC     l2, ip or cosine instead of the dataset's own
      --queries N         only the first N queries
      --repetitions R     passes over the queries, one more to warm up (6)
      --seed S            of the order of passes and the bootstrap (42)
    \(Measurement.usage)

    example: ragmeter index --dataset sift-5k --index flat --index 'hnsw:m=16,ef=10|40|160' --json -
    """
  static let options: [Option] =
    [
      .value("--dataset"), .value("--index", repeats: true), .value("--k"), .value("--threads"), .value("--metric"),
      .value("--queries"), .value("--repetitions"), .value("--seed"),
    ] + Measurement.options

  static func run(_ arguments: Arguments) throws -> ExitCode {
    if let operand = arguments.operands.first { throw UsageError("takes no operand such as '\(operand)'") }
    guard let dataset = arguments.value("--dataset") else { throw UsageError("needs --dataset NAME or PATH") }
    let indexes = arguments.all("--index")
    guard !indexes.isEmpty else { throw UsageError("needs at least one --index such as hnsw:m=16,ef=10|40") }
    var sweep = IndexSweep(dataset: dataset, indexes: indexes)
    sweep.k = try arguments.integer("--k", in: 1...100_000, default: sweep.k)
    sweep.threads = try arguments.integer("--threads", in: 1...1024, default: sweep.threads)
    sweep.repetitions = try arguments.integer("--repetitions", in: 1...1000, default: sweep.repetitions)
    if arguments.value("--queries") != nil {
      sweep.queries = try arguments.integer("--queries", in: 1...10_000_000, default: 1)
    }
    sweep.metric = arguments.value("--metric")
    let seed = try arguments.integer("--seed", in: 0...Int.max, default: 42)
    return try Measurement(arguments, resume: false, specPath: nil).run(sweep.experiment(seed: UInt64(seed)))
  }
}
