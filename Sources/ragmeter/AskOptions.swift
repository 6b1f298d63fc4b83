import Generation
import RAGPipeline
import Spelling

/// What the options of `ask` say of retrieval, prompt and sampling.
enum AskOptions {
  static let limit = 3
  static let template = "context-tags"
  static let maxTokens = 128
  /// Several answers of temperature 0 would be the same one.
  static let parallelTemperature: Float = 0.7
  /// A small model that always takes the most probable token soon says the same again and again. This penalty counts what it
  /// said itself and not, as that of repetition does, the passages, whose words it is to use.
  static let frequencyPenalty: Float = 0.6

  static func pipeline(_ arguments: Arguments) throws -> RAGOptions {
    var options = RAGOptions()
    options.limit = try arguments.integer("--top-k", in: 1...10_000, default: limit)
    options.order = try choice("--order", arguments) ?? options.order
    options.duplicates = try choice("--duplicates", arguments) ?? options.duplicates
    if arguments.value("--budget") != nil {
      options.budget = try arguments.integer("--budget", in: 1...1 << 30, default: 1)
    }
    do { options.template = try .read(arguments.value("--template") ?? template) } catch {
      throw UsageError("--template: \(error)")
    }
    options.sampling = try sampling(arguments)
    return options
  }

  private static func choice<Choice: RawRepresentable & CaseIterable>(
    _ option: String, _ arguments: Arguments
  ) throws -> Choice? where Choice.RawValue == String {
    guard let word = arguments.value(option) else { return nil }
    guard let choice = Choice(rawValue: word) else {
      throw UsageError("\(option): \(Spelling.hint(for: word, among: Choice.allCases.map(\.rawValue)))")
    }
    return choice
  }

  private static func sampling(_ arguments: Arguments) throws -> SamplingParameters {
    var sampling = SamplingParameters()
    sampling.n = try arguments.integer("--n", in: 1...1024, default: 1)
    sampling.maxTokens = try arguments.integer("--max-tokens", in: 1...Int(Int32.max), default: maxTokens)
    sampling.temperature = try arguments.number("--temperature", default: sampling.n == 1 ? 0 : parallelTemperature)
    sampling.topP = try arguments.number("--top-p", default: sampling.topP)
    sampling.repetitionPenalty = try arguments.number("--repetition-penalty", default: sampling.repetitionPenalty)
    sampling.presencePenalty = try arguments.number("--presence-penalty", default: sampling.presencePenalty)
    let isServers = arguments.value("--url") != nil || arguments.value("--preset") != nil
    sampling.frequencyPenalty = try arguments.number(
      "--frequency-penalty", default: isServers ? sampling.frequencyPenalty : frequencyPenalty)
    sampling.seed = UInt64(try arguments.integer("--seed", in: 0...Int.max, default: 0))
    sampling.stopStrings = arguments.all("--stop")
    do { try sampling.check(vocabularySize: .max) } catch { throw UsageError(error.description) }
    return sampling
  }
}
