import Foundation
import Generation

/// What the verb's options say of sampling and of the engine.
extension GenerateVerb {
  static let samplingOptions: [Option] = [
    .value("--n"), .value("--best-of"), .value("--max-tokens"), .value("--min-tokens"), .value("--temperature"),
    .value("--top-k"), .value("--top-p"), .value("--min-p"), .value("--repetition-penalty"),
    .value("--presence-penalty"), .value("--frequency-penalty"), .value("--logit-bias", repeats: true),
    .value("--seed"),
    .value("--stop", repeats: true), .value("--stop-token", repeats: true), .flag("--ignore-eos"), .value("--logprobs"),
  ]

  static let samplingUsage = """
      --n N                  outputs of the prompt (1); more than one need a temperature above 0
      --best-of N            outputs to make, of which the n most probable are given (n)
      --max-tokens N         tokens after which an output ends, the model's context permitting (256)
      --min-tokens N         tokens before which no stop ends it (0)
      --temperature T        0 takes the most probable token, always (1)
      --top-k K              only the K most probable tokens; 0 for all (0)
      --top-p P              only the fewest whose probabilities reach P (1)
      --min-p P              only those P times as probable as the most probable one (0)
      --repetition-penalty R, --presence-penalty P, --frequency-penalty P
                             as vLLM has them (1, 0, 0)
      --logit-bias ID=BIAS   added to a token's logit; may be repeated
      --seed S               output i draws from a generator of its own, seeded S + i (0)
      --stop TEXT            a text that ends an output, and is not given; may be repeated
      --stop-token ID        a token that ends an output; may be repeated
      --ignore-eos           go on behind the model's own end
      --logprobs N           with JSON: log probabilities, and the N most probable tokens at every place
    """

  static let engineOptions: [Option] = [
    .value("--kv-policy"), .value("--kv-memory"), .value("--block-size"), .value("--reservation"),
    .flag("--no-sharing"),
    .flag("--no-prefix-cache"), .value("--max-num-seqs"), .value("--max-num-batched-tokens"), .value("--threads"),
  ]

  static let engineUsage = """
      --kv-policy P          static, continuous or paged: how KV memory is given and sequences are batched (paged)
      --kv-memory SIZE       for keys and values: 64MiB, 2GB (256MiB)
      --block-size N         tokens of a KV block: 8, or a multiple of 16 (16)
      --reservation R        what static and continuous hold room for: request, its --max-tokens; pow2, the next power of
                             two; model, all that it could take (request)
      --no-sharing           the outputs of a prompt each keep a copy of it
      --no-prefix-cache      forget the prompts of finished requests
      --max-num-seqs N       sequences that run at once (64)
      --max-num-batched-tokens N
                             tokens of a step, prompts and outputs together (512)
      --threads N            threads to keep busy (all cores)
    """

  /// - Throws: `UsageError` for what no request can have; whether a model has the tokens is seen later.
  static func sampling(_ arguments: Arguments) throws -> SamplingParameters {
    let whole = 0...Int(Int32.max)
    var sampling = SamplingParameters()
    sampling.n = try arguments.integer("--n", in: whole, default: 1)
    if arguments.value("--best-of") != nil {
      sampling.bestOf = try arguments.integer("--best-of", in: whole, default: 1)
    }
    sampling.maxTokens = try arguments.integer("--max-tokens", in: whole, default: 256)
    sampling.minTokens = try arguments.integer("--min-tokens", in: whole, default: 0)
    sampling.temperature = try arguments.number("--temperature", default: sampling.temperature)
    sampling.topK = try arguments.integer("--top-k", in: whole, default: 0)
    sampling.topP = try arguments.number("--top-p", default: sampling.topP)
    sampling.minP = try arguments.number("--min-p", default: sampling.minP)
    sampling.repetitionPenalty = try arguments.number("--repetition-penalty", default: sampling.repetitionPenalty)
    sampling.presencePenalty = try arguments.number("--presence-penalty", default: sampling.presencePenalty)
    sampling.frequencyPenalty = try arguments.number("--frequency-penalty", default: sampling.frequencyPenalty)
    for word in arguments.all("--logit-bias") {
      let parts = word.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let token = Int32(parts[0]), let bias = Float(parts[1]) else {
        throw UsageError("--logit-bias is ID=BIAS, not '\(word)'")
      }
      sampling.logitBias[token] = bias
    }
    sampling.seed = UInt64(try arguments.integer("--seed", in: 0...Int.max, default: 0))
    sampling.stopStrings = arguments.all("--stop")
    sampling.stopTokens = try arguments.all("--stop-token").map { word in
      guard let token = Int32(word) else { throw UsageError("--stop-token needs the id of a token, not '\(word)'") }
      return token
    }
    sampling.ignoreEOS = arguments.has("--ignore-eos")
    if arguments.value("--logprobs") != nil {
      sampling.logprobs = try arguments.integer("--logprobs", in: whole, default: 0)
    }
    do { try sampling.check(vocabularySize: .max) } catch { throw UsageError(error.description) }
    return sampling
  }

  static func engineOptions(_ arguments: Arguments) throws -> EngineOptions {
    var options = EngineOptions()
    let batching = arguments.value("--kv-policy") ?? KVPolicy.Batching.paged.rawValue
    guard let batching = KVPolicy.Batching(rawValue: batching) else {
      throw UsageError("--kv-policy is static, continuous or paged, not '\(batching)'")
    }
    let reservation = arguments.value("--reservation") ?? KVPolicy.Reservation.request.rawValue
    guard let reservation = KVPolicy.Reservation(rawValue: reservation) else {
      throw UsageError("--reservation is request, pow2 or model, not '\(reservation)'")
    }
    options.policy = KVPolicy(
      batching: batching,
      blockSize: try arguments.integer("--block-size", in: 1...65_536, default: options.policy.blockSize),
      sharing: arguments.has("--no-sharing") ? false : nil,
      prefixCache: arguments.has("--no-prefix-cache") ? false : nil, reservation: reservation)
    if let memory = arguments.value("--kv-memory") {
      do { options.kvBudget = try KVBudget(parsing: memory) } catch { throw UsageError("--kv-memory: \(error)") }
    }
    options.maxSequences = try arguments.integer("--max-num-seqs", in: 1...65_536, default: options.maxSequences)
    options.maxBatchedTokens = try arguments.integer(
      "--max-num-batched-tokens", in: 1...1 << 20, default: max(options.maxBatchedTokens, options.maxSequences))
    options.threads = try arguments.integer(
      "--threads", in: 1...1024, default: ProcessInfo.processInfo.activeProcessorCount)
    return options
  }
}
