/// A server's KV memory as its `/metrics` describes it.
public struct KVCacheConfiguration: Sendable, Hashable {
  /// Tokens of one block.
  public var blockSize: Int
  /// Blocks that sequences can get.
  public var blockCount: Int
  /// Whether full blocks are found again by what they hold; nil: it does not tell.
  public var prefixCaching: Bool?
  /// What the outputs of a request have in common, by the ways of the server that tells; nil: its blocks do not grow with
  /// the outputs, but are reserved.
  public var sharing: KVForecast.Sharing?

  public init(blockSize: Int, blockCount: Int, prefixCaching: Bool? = nil, sharing: KVForecast.Sharing?) {
    self.blockSize = blockSize
    self.blockCount = blockCount
    self.prefixCaching = prefixCaching
    self.sharing = sharing
  }

  static let names = ["vllm_cache_config_info", "sglang_cache_config_info", ownName]
  /// Ours says by this how many blocks there are, none of which is kept back.
  private static let ownName = "ragmeter_kv_blocks"

  init?(_ byName: [String: [PrometheusText.Series]]) {
    func number(_ text: String?) -> Int? { text.flatMap(Int.init).flatMap { $0 > 0 ? $0 : nil } }
    if let series = byName["vllm_cache_config_info"]?.first {
      // On CPUs older versions count their blocks as num_cpu_blocks.
      guard let blockSize = number(series["block_size"]),
        let told = number(series["num_gpu_blocks"]) ?? number(series["num_cpu_blocks"])
      else { return nil }
      let flags = ["True": true, "False": false]
      let prefixCaching = flags[series["enable_prefix_caching"] ?? ""]
      var sharing: KVForecast.Sharing? = .copyOnWrite
      var kept = 0
      if byName[Self.ownName] != nil {
        if flags[series["sharing"] ?? ""] != true {
          sharing = series["kv_policy"] == "paged" ? KVForecast.Sharing.none : nil
        }
      } else if byName["vllm_kv_cache_usage_perc"] != nil {
        // vLLM V1 keeps one block, of zeros, for itself, and does not count it in its KV use either.
        kept = 1
        sharing = prefixCaching == false ? KVForecast.Sharing.none : .prefixCache
      }
      guard told > kept else { return nil }
      self.init(blockSize: blockSize, blockCount: told - kept, prefixCaching: prefixCaching, sharing: sharing)
    } else if let series = byName["sglang_cache_config_info"]?.first, let blockSize = number(series["page_size"]),
      let blockCount = number(series["num_pages"])
    {
      self.init(blockSize: blockSize, blockCount: blockCount, sharing: .prefixCache)
    } else {
      return nil
    }
  }
}
