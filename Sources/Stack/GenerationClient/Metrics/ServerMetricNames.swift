/// By which names servers tell what a `ServerSample` holds.
///
/// The names of vLLM V1 and of llama.cpp were seen on their pages; those of vLLM V0, TGI (huggingface.co/docs,
/// "Metrics") and SGLang (docs.sglang.io, "Production Metrics") are their documentation's.
struct ServerMetricNames: Sendable {
  typealias Field = any WritableKeyPath<ServerSample, Double?> & Sendable

  /// How the series of one name, apart by their labels, make one number.
  enum Joining: Sendable {
    case sum, mean
  }

  struct Source: Sendable {
    var field: Field
    var joining: Joining
    /// The newest first; the first that the page has counts.
    var names: [String]
  }

  var family: String
  var sources: [Source]

  /// What a sample can hold, in the words of a report.
  static let fields: [(field: Field, name: String)] = [
    (\.kvUsage, "KV use"), (\.running, "running requests"), (\.waiting, "waiting requests"),
    (\.preemptions, "preemptions"), (\.promptTokens, "prompt tokens"), (\.generationTokens, "generation tokens"),
  ]
  static let prefixCache = "prefix cache hits"

  static let all = [
    Self(
      family: "vLLM",
      sources: [
        Source(\.kvUsage, .mean, "vllm_kv_cache_usage_perc", "vllm_gpu_cache_usage_perc"),
        Source(\.running, .sum, "vllm_num_requests_running"),
        Source(\.waiting, .sum, "vllm_num_requests_waiting"),
        Source(\.preemptions, .sum, "vllm_num_preemptions_total", "vllm_num_preemptions"),
        Source(
          \.prefixCacheQueries, .sum, "vllm_prefix_cache_queries_total", "vllm_prefix_cache_queries",
          "vllm_gpu_prefix_cache_queries_total", "vllm_gpu_prefix_cache_queries"),
        Source(
          \.prefixCacheHits, .sum, "vllm_prefix_cache_hits_total", "vllm_prefix_cache_hits",
          "vllm_gpu_prefix_cache_hits_total", "vllm_gpu_prefix_cache_hits"),
        Source(\.prefixCacheHitRate, .mean, "vllm_gpu_prefix_cache_hit_rate"),
        Source(\.promptTokens, .sum, "vllm_prompt_tokens_total"),
        Source(\.generationTokens, .sum, "vllm_generation_tokens_total"),
      ]),
    Self(
      family: "SGLang",
      sources: [
        Source(\.kvUsage, .mean, "sglang_token_usage"),
        Source(\.running, .sum, "sglang_num_running_reqs"),
        Source(\.waiting, .sum, "sglang_num_queue_reqs"),
        Source(\.preemptions, .sum, "sglang_num_retracted_requests_total"),
        Source(\.prefixCacheHitRate, .mean, "sglang_cache_hit_rate"),
        Source(\.promptTokens, .sum, "sglang_prompt_tokens_total"),
        Source(\.generationTokens, .sum, "sglang_generation_tokens_total"),
      ]),
    Self(
      family: "TGI",
      sources: [
        Source(\.running, .sum, "tgi_batch_current_size"),
        Source(\.waiting, .sum, "tgi_queue_size"),
        Source(\.promptTokens, .sum, "tgi_request_input_length_sum"),
        Source(\.generationTokens, .sum, "tgi_request_generated_tokens_sum"),
      ]),
    Self(
      family: "llama.cpp",
      sources: [
        Source(\.kvUsage, .mean, "llamacpp_kv_cache_usage_ratio"),
        Source(\.running, .sum, "llamacpp_requests_processing"),
        Source(\.waiting, .sum, "llamacpp_requests_deferred"),
        Source(\.promptTokens, .sum, "llamacpp_prompt_tokens_total"),
        Source(\.generationTokens, .sum, "llamacpp_tokens_predicted_total"),
      ]),
  ]

  /// Of every name its hash: a page has hundreds of lines, of which some ten are wanted. What a hash lets in by mistake
  /// has no source.
  private static let wanted = Set(
    (all.flatMap { $0.sources.flatMap(\.names) } + KVCacheConfiguration.names).map { hash($0.utf8) })

  static func isWanted(_ name: UnsafeBufferPointer<UInt8>) -> Bool { wanted.contains(hash(name)) }

  /// With the colon that some collectors replace, replaced.
  static func plain(_ name: String) -> String { String(decoding: name.utf8.map(plain), as: UTF8.self) }

  private static func plain(_ byte: UInt8) -> UInt8 { byte == UInt8(ascii: ":") ? UInt8(ascii: "_") : byte }

  /// FNV-1a of the plain name.
  private static func hash(_ name: some Sequence<UInt8>) -> UInt64 {
    name.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64(plain($1))) &* 0x100_0000_01B3 }
  }
}

extension ServerMetricNames.Source {
  init(_ field: ServerMetricNames.Field, _ joining: ServerMetricNames.Joining, _ names: String...) {
    self.init(field: field, joining: joining, names: names)
  }
}
