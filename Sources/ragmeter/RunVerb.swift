import Experiments

/// `ragmeter run SPEC.yml`
enum RunVerb: Verb {
  static let name = "run"
  static let summary = "run an experiment, store it, print tables, write plots"
  static let usage = """
    usage: ragmeter run SPEC.yml [options]

    Runs the experiment that a YAML file describes, stores every pass as soon as it is done, and prints tables.

      --quick             lay the file's 'quick:' mappings over it: less data, fewer repetitions
      --set KEY=VALUE     change one key, such as repetitions=3, search.k=[10,100] or experiments.0.seed=7; repeatable
      --resume            go on with the newest unfinished run of the same workload
    \(Measurement.usage)

    example: ragmeter run Benchmarks/quickstart.yml --set repetitions=3 --plots plots
    """
  static let options: [Option] =
    [.flag("--quick"), .value("--set", repeats: true), .flag("--resume")] + Measurement.options

  static func run(_ arguments: Arguments) throws -> ExitCode {
    guard arguments.operands.count == 1, let path = arguments.operands.first else {
      throw UsageError("needs one experiment file, not \(arguments.operands.count)")
    }
    let overrides = try arguments.all("--set").map(SpecOverride.init)
    let spec = try ExperimentSpec.load(path: path, overrides: overrides, quick: arguments.has("--quick"))
    return try Measurement(arguments, resume: arguments.has("--resume"), specPath: path).run(spec)
  }
}
