internal import Foundation

/// The version of Benchmarks/adapters/PROTOCOL.md that this code speaks.
let adapterProtocolVersion = 1

/// What the harness asks, one JSON object a line.
enum AdapterRequest: Equatable {
  case hello
  case stats
  case build(vectors: String, metric: String, batch: Int, threads: Int, parameters: [String: String])
  case search(
    queries: String, results: String, k: Int, batch: Int?, threads: Int, parameters: [String: String])
  case open(model: String, threads: Int, parameters: [String: String])
  /// `texts` only where the engine's own tokenizer is to be timed too.
  case embed(tokens: String, texts: String?, vectors: String, batch: Int)
  case generate(requests: String, answers: String, temperature: Float, seed: UInt64)
  case quit

  var operation: String {
    switch self {
    case .hello: "hello"
    case .stats: "stats"
    case .build: "build"
    case .search: "search"
    case .open: "open"
    case .embed: "embed"
    case .generate: "generate"
    case .quit: "quit"
    }
  }

  /// The request as a line, newline included.
  func line(id: Int) throws -> Data {
    var encoded = try Self.encoder.encode(Envelope(id: id, request: self))
    encoded.append(UInt8(ascii: "\n"))
    return encoded
  }

  private static let encoder = {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return encoder
  }()

  private struct Envelope: Encodable {
    let id: Int
    let request: AdapterRequest

    enum CodingKeys: String, CodingKey {
      case id, op, `protocol`, vectors, metric, batch, threads, parameters, queries, results, k, mode
      case model, tokens, texts, requests, answers, temperature, seed
    }

    func encode(to encoder: any Encoder) throws {
      var object = encoder.container(keyedBy: CodingKeys.self)
      try object.encode(id, forKey: .id)
      try object.encode(request.operation, forKey: .op)
      switch request {
      case .hello:
        try object.encode(adapterProtocolVersion, forKey: .protocol)
      case .stats, .quit:
        break
      case .build(let vectors, let metric, let batch, let threads, let parameters):
        try object.encode(vectors, forKey: .vectors)
        try object.encode(metric, forKey: .metric)
        try object.encode(batch, forKey: .batch)
        try object.encode(threads, forKey: .threads)
        try object.encode(parameters, forKey: .parameters)
      case .search(let queries, let results, let k, let batch, let threads, let parameters):
        try object.encode(queries, forKey: .queries)
        try object.encode(results, forKey: .results)
        try object.encode(k, forKey: .k)
        try object.encode(batch == nil ? "single" : "batch", forKey: .mode)
        try object.encodeIfPresent(batch, forKey: .batch)
        try object.encode(threads, forKey: .threads)
        try object.encode(parameters, forKey: .parameters)
      case .open(let model, let threads, let parameters):
        try object.encode(model, forKey: .model)
        try object.encode(threads, forKey: .threads)
        try object.encode(parameters, forKey: .parameters)
      case .embed(let tokens, let texts, let vectors, let batch):
        try object.encode(tokens, forKey: .tokens)
        try object.encodeIfPresent(texts, forKey: .texts)
        try object.encode(vectors, forKey: .vectors)
        try object.encode(batch, forKey: .batch)
      case .generate(let requests, let answers, let temperature, let seed):
        try object.encode(requests, forKey: .requests)
        try object.encode(answers, forKey: .answers)
        try object.encode(temperature, forKey: .temperature)
        try object.encode(seed, forKey: .seed)
      }
    }
  }
}

/// What every answer holds; the other fields depend on what was asked.
struct AdapterReply: Decodable, Equatable {
  let id: Int
  let ok: Bool
  let error: String?
}

struct HelloReply: Decodable, Equatable {
  let `protocol`: Int
  let engine: String
  let version: String
}

struct StatsReply: Decodable, Equatable {
  /// Bytes the structure holds; null before the build, and where the engine cannot tell.
  let indexBytes: Int?
  /// Anonymous and modified memory of the process; null where the system cannot tell.
  let privateBytes: Int?

  enum CodingKeys: String, CodingKey {
    case indexBytes = "index_bytes"
    case privateBytes = "private_bytes"
  }
}

struct BuildReply: Decodable, Equatable {
  let trainSeconds: Double
  let addSeconds: Double
  let optimizeSeconds: Double
  let batchSeconds: [Double]

  enum CodingKeys: String, CodingKey {
    case trainSeconds = "train_seconds"
    case addSeconds = "add_seconds"
    case optimizeSeconds = "optimize_seconds"
    case batchSeconds = "batch_seconds"
  }
}

struct SearchReply: Decodable, Equatable {
  let seconds: Double
  let distances: Int?
  let visited: Int?
}

struct OpenReply: Decodable, Equatable {
  let loadSeconds: Double

  enum CodingKeys: String, CodingKey {
    case loadSeconds = "load_seconds"
  }
}

struct EmbedReply: Decodable, Equatable {
  let seconds: Double
  /// Tokens that the engine computed with, padding included; null where it cannot tell.
  let paddedTokens: Int?
  /// Only where texts were given: what the engine's tokenizer took, and how many texts it reads otherwise.
  let tokenizeSeconds: Double?
  let differingTexts: Int?

  enum CodingKeys: String, CodingKey {
    case seconds
    case paddedTokens = "padded_tokens"
    case tokenizeSeconds = "tokenize_seconds"
    case differingTexts = "differing_texts"
  }
}

struct GenerateReply: Decodable, Equatable {
  let seconds: Double
  /// All four, or none where the engine cannot tell.
  let prefillSeconds: Double?
  let prefillTokens: Int?
  let decodeSeconds: Double?
  let decodeTokens: Int?
  /// Of all outputs, and of padded rows beyond their ends; null where the engine cannot tell.
  let generatedTokens: Int?

  enum CodingKeys: String, CodingKey {
    case seconds
    case prefillSeconds = "prefill_seconds"
    case prefillTokens = "prefill_tokens"
    case decodeSeconds = "decode_seconds"
    case decodeTokens = "decode_tokens"
    case generatedTokens = "generated_tokens"
  }
}

struct EmptyReply: Decodable, Equatable {}
