import Foundation
import Generation
import JSON
import ModelFiles

/// What PyTorch computed, and the models it computed it of; `Goldens/make.py` made them.
enum LlamaGoldens {
  static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().appendingPathComponent("Goldens").path

  /// Ids and, for each of them, the logits after it.
  struct Tiny {
    var model: LlamaWeights
    var ids: [Int32]
    var logits: [[Float]]
  }

  /// "tiny-llama" or "tiny-qwen2".
  static func tiny(_ name: String) throws -> Tiny {
    let golden = try json("\(folder)/\(name)/golden.json")
    return Tiny(
      model: try LlamaWeights(ModelFolder(path: "\(folder)/\(name)")), ids: ids(golden["ids"]),
      logits: (golden["logits"]?.array ?? []).map { floats($0) })
  }

  /// SmolLM2-135M-Instruct, where it has been fetched.
  static func smolLM2() -> ModelFolder? {
    let environment = ProcessInfo.processInfo.environment
    guard let library = try? ModelLibrary(environment: environment), let entry = library.catalog["smollm2-135m"],
      library.isHere(entry)
    else { return nil }
    return try? ModelFolder(path: library.path(of: entry), name: entry.name)
  }

  /// A reference of the mounted ones: "smollm2/reference.json".
  static func reference(_ name: String) -> JSONValue? {
    ProcessInfo.processInfo.environment["RAGMETER_REFERENCE"].flatMap { try? json("\($0)/\(name)") }
  }

  static func json(_ path: String) throws -> JSONValue {
    try Data(contentsOf: URL(fileURLWithPath: path)).withUnsafeBytes { try JSONValue.parse($0) }
  }

  static func ids(_ value: JSONValue?) -> [Int32] { (value?.array ?? []).compactMap(\.integer).map { Int32($0) } }
  static func floats(_ value: JSONValue?) -> [Float] { (value?.array ?? []).compactMap(\.number).map { Float($0) } }
}

extension ScheduledStep {
  /// Adds tokens of a sequence that stand at `start`; its next token is sampled if `samples` says so.
  mutating func append(
    _ ids: some Collection<Int32>, request: Int = 0, start: Int, table: [Int32], samples isSampled: Bool = true
  ) {
    let sequence = ChoiceID(request: request, index: 0)
    let first = (tokens: tokens.count, table: tables.count, sample: samples.count)
    tokens += ids
    tables += table
    if isSampled { samples.append(sequence) }
    runs.append(
      Run(
        sequence: sequence, start: start, tokens: first.tokens..<tokens.count, table: first.table..<tables.count,
        samples: first.sample..<samples.count))
  }
}

extension ModelExecutor {
  /// The logits after each token of a text: every token is a run of its own, and all are one step.
  func logits(_ ids: [Int32], table: [Int32]) throws -> [[Float]] {
    var step = ScheduledStep()
    for (position, id) in ids.enumerated() { step.append([id], start: position, table: table) }
    return try rows(step)
  }

  func rows(_ step: ScheduledStep) throws -> [[Float]] {
    guard let rows = try execute(step).logits else { return [] }
    return (0..<rows.rows).map { Array(rows[$0]) }
  }
}

/// The largest difference between two tables of numbers; infinite where their shapes differ.
func largestDifference(_ left: [[Float]], _ right: [[Float]]) -> Float {
  guard left.map(\.count) == right.map(\.count) else { return .infinity }
  return zip(left.joined(), right.joined()).reduce(0) { max($0, abs($1.0 - $1.1)) }
}
