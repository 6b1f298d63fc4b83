import Foundation
import GenerationClient
import Testing

private let referenceFolder = ProcessInfo.processInfo.environment["RAGMETER_REFERENCE"]

@Suite struct ServerPageTests {
  private func page(_ text: String) -> ServerPage { ServerPage(Array(text.utf8), time: 7) }

  private func reference(_ name: String) throws -> ServerPage {
    let path = "\(try #require(referenceFolder))/vllm/\(name).txt"
    return ServerPage(Array(try Data(contentsOf: URL(filePath: path))), time: 7)
  }

  @Test(.enabled(if: referenceFolder != nil, "skipped: RAGMETER_REFERENCE is not set"))
  func pagesOfARealVLLMAreUnderstood() throws {
    let busy = try reference("metrics")
    #expect(busy.family == "vLLM" && busy.missing.isEmpty && busy.problems.isEmpty)
    #expect(busy.sample.time == 7 && busy.sample.running == 16 && busy.sample.waiting == 0)
    #expect(busy.sample.prefixCacheQueries == 17_775 && busy.sample.prefixCacheHits == 1920)
    // 32 blocks of 727 are in use: vLLM keeps one for itself.
    #expect(
      busy.cacheConfiguration
        == KVCacheConfiguration(blockSize: 128, blockCount: 727, prefixCaching: true, sharing: .prefixCache))
    #expect(abs((busy.sample.kvUsage ?? 0) * 727 - 32) < 1e-9)

    let small = try reference("metrics_kv64_after")
    #expect(small.sample.preemptions == 30 && small.sample.promptTokens == 6144)
    #expect(small.sample.generationTokens == 6144)
    #expect(
      small.cacheConfiguration
        == KVCacheConfiguration(blockSize: 32, blockCount: 63, prefixCaching: true, sharing: .prefixCache))
    #expect(try reference("metrics_idle_fresh").sample.running == 0)
  }

  @Test func olderVersionsOfVLLMAreUnderstood() {
    // Names by vllm/engine/metrics.py of 0.6 and vllm/v1/metrics/loggers.py of 0.8.
    let v0 = page(
      """
      vllm:num_requests_running{model_name="m"} 3.0
      vllm:num_requests_waiting{model_name="m"} 1.0
      vllm:gpu_cache_usage_perc{model_name="m"} 0.25
      vllm:gpu_prefix_cache_hit_rate{model_name="m"} 0.5
      vllm:num_preemptions_total{model_name="m"} 4.0
      vllm:prompt_tokens_total{model_name="m"} 100.0
      vllm:generation_tokens_total{model_name="m"} 50.0
      vllm:cache_config_info{block_size="16",cache_dtype="auto",enable_prefix_caching="False",num_cpu_blocks="512",num_gpu_blocks="None"} 1.0
      """)
    #expect(v0.family == "vLLM" && v0.missing.isEmpty)
    #expect(v0.sample.kvUsage == 0.25 && v0.sample.prefixCacheHitRate == 0.5 && v0.sample.preemptions == 4)
    #expect(
      v0.cacheConfiguration
        == KVCacheConfiguration(blockSize: 16, blockCount: 512, prefixCaching: false, sharing: .copyOnWrite))
    let early = page(
      """
      vllm:num_requests_running{engine="0"} 1
      vllm:num_requests_running{engine="1"} 2
      vllm:gpu_cache_usage_perc{engine="0"} 0.25
      vllm:gpu_cache_usage_perc{engine="1"} 0.75
      vllm:gpu_prefix_cache_queries{engine="0"} 1000
      vllm:gpu_prefix_cache_hits{engine="0"} 400
      """)
    #expect(early.sample.running == 3 && early.sample.kvUsage == 0.5 && early.sample.prefixCacheHits == 400)
    #expect(early.missing == ["waiting requests", "preemptions", "prompt tokens", "generation tokens"])
    #expect(early.cacheConfiguration == nil)
  }

  @Test func otherServersAreUnderstood() {
    // SGLang tells the same for every rank; a priority's requests are among those of none.
    let sglang = page(
      """
      sglang:num_running_reqs{dp_rank="0",tp_rank="0"} 4
      sglang:num_running_reqs{dp_rank="0",tp_rank="1"} 4
      sglang:num_running_reqs{dp_rank="1",tp_rank="0"} 2
      sglang:num_queue_reqs{tp_rank="0",priority=""} 3
      sglang:num_queue_reqs{tp_rank="0",priority="5"} 1
      sglang:token_usage{model_name="m"} 0.28
      sglang:cache_hit_rate{model_name="m"} 0.0075
      sglang:prompt_tokens_total{model_name="m"} 8.128902e+06
      sglang:generation_tokens_total{model_name="m"} 7.557572e+06
      sglang:cache_config_info{page_size="1",num_pages="32376"} 1
      """)
    #expect(sglang.family == "SGLang" && sglang.missing == ["preemptions"])
    #expect(sglang.sample.running == 6 && sglang.sample.waiting == 3 && sglang.sample.kvUsage == 0.28)
    #expect(sglang.sample.prefixCacheHitRate == 0.0075 && sglang.sample.promptTokens == 8_128_902)
    #expect(sglang.cacheConfiguration == KVCacheConfiguration(blockSize: 1, blockCount: 32_376, sharing: .prefixCache))
    let tgi = page(
      """
      # TYPE tgi_request_generated_tokens histogram
      tgi_request_generated_tokens_bucket{le="1"} 0
      tgi_request_generated_tokens_sum 8123
      tgi_request_generated_tokens_count 44
      tgi_request_input_length_sum 900
      tgi_batch_current_size 4
      tgi_queue_size 7
      """)
    #expect(tgi.family == "TGI" && tgi.missing == ["KV use", "preemptions", "prefix cache hits"])
    #expect(tgi.sample.running == 4 && tgi.sample.waiting == 7 && tgi.sample.generationTokens == 8123)
    let llama = page(
      """
      llamacpp:prompt_tokens_total 1000
      llamacpp:tokens_predicted_total 5000
      llamacpp:requests_processing 2
      llamacpp:requests_deferred 1
      llamacpp:kv_cache_usage_ratio 0.63
      """)
    #expect(llama.family == "llama.cpp" && llama.missing == ["preemptions", "prefix cache hits"])
    #expect(llama.sample.running == 2 && llama.sample.waiting == 1 && llama.sample.kvUsage == 0.63)
    // A collector between that knows no colons in names.
    #expect(page("llamacpp_requests_deferred 1").sample.waiting == 1)
  }

  @Test func whatIsNotToldIsMissing() {
    let other = page("up 1\nvllm:num_requests_running NaN\nvllm:kv_cache_usage_perc")
    #expect(other.family == "vLLM" && other.sample == ServerSample(time: 7))
    #expect(other.missing.count == 7 && other.problems == ["line 3: vllm:kv_cache_usage_perc has no value"])
    #expect(page("<html>404</html>").family == nil)
  }
}
