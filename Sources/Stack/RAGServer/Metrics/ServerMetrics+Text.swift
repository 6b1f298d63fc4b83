package import Generation
internal import Synchronization

extension ServerMetrics {
  /// What a server knows of itself beside its engine at the moment it is asked.
  package struct Moment: Sendable {
    /// Requests that wait in the server, before they come to the engine.
    package var queued: Int
    package var openStreams: Int

    package init(queued: Int = 0, openStreams: Int = 0) {
      self.queued = queued
      self.openStreams = openStreams
    }
  }

  /// The page of `/metrics`, in Prometheus' text format 0.0.4 (`text/plain; version=0.0.4; charset=utf-8`).
  package func text(
    engine: EngineStatistics, configuration: SchedulerConfiguration, moment: Moment = Moment()
  ) -> [UInt8] {
    // A copy, so that no request waits for the writing.
    let state = state.withLock { $0 }
    var page = MetricsWriter(labels: [("engine", "0"), ("model_name", model)])
    Self.writeStanding(engine, configuration, moment, to: &page)
    Self.writeCounters(engine, state, to: &page)
    Self.writeHistograms(engine, state, to: &page)
    Self.writeOwn(engine, configuration, to: &page)
    Self.writeClients(state, moment, to: &page)
    var server = MetricsWriter(labels: [])
    Self.writeServer(state, configuration, model, to: &server)
    Self.writeAnswers(state, to: &server)
    return page.bytes + server.bytes
  }

  /// The same of a server whose model is elsewhere.
  package func ownText(moment: Moment = Moment()) -> [UInt8] {
    let state = state.withLock { $0 }
    var page = MetricsWriter(labels: [("engine", "0"), ("model_name", model)])
    Self.writeClients(state, moment, to: &page)
    var server = MetricsWriter(labels: [])
    Self.writeAnswers(state, to: &server)
    return page.bytes + server.bytes
  }

  private static func writeStanding(
    _ engine: EngineStatistics, _ configuration: SchedulerConfiguration, _ moment: Moment, to page: inout MetricsWriter
  ) {
    let occupancy = engine.occupancy
    let waiting = occupancy.waiting + moment.queued
    page.family(
      "vllm:num_requests_running", .gauge, "Number of requests in model execution batches.", occupancy.running)
    page.family("vllm:num_requests_waiting", .gauge, "Number of requests waiting to be processed.", waiting)
    page.family(
      "vllm:num_requests_waiting_by_reason", .gauge,
      "Number of waiting requests by reason: 'capacity' = waiting for scheduling capacity.",
      [([("reason", "capacity")], Double(waiting)), ([("reason", "deferred")], 0)])
    page.family(
      "vllm:kv_cache_usage_perc", .gauge, "KV-cache usage. 1 means 100 percent usage.",
      Double(occupancy.blocksUsed) / Double(configuration.blockCount))
  }

  private static func writeCounters(_ engine: EngineStatistics, _ state: State, to page: inout MetricsWriter) {
    page.family(
      "vllm:prefix_cache_queries_total", .counter, "Prefix cache queries, in terms of number of queried tokens.",
      engine.totals.prefixQueries)
    page.family(
      "vllm:prefix_cache_hits_total", .counter, "Prefix cache hits, in terms of number of cached tokens.",
      engine.totals.prefixHits)
    page.family(
      "vllm:num_preemptions_total", .counter, "Cumulative number of preemption from the engine.",
      engine.totals.preemptions)
    page.family(
      "vllm:prompt_tokens_total", .counter, "Number of prefill tokens processed.", engine.promptTokens)
    page.family(
      "vllm:prompt_tokens_cached_total", .counter, "Number of cached prompt tokens (local + external).",
      engine.totals.prefixHits)
    page.family(
      "vllm:generation_tokens_total", .counter, "Number of generation tokens processed.", engine.generatedTokens)
    page.family(
      "vllm:request_success_total", .counter, "Count of successfully processed requests.",
      state.finished.sorted { $0.key < $1.key }.map { ([("finished_reason", $0.key)], Double($0.value)) })
  }

  private static func writeHistograms(_ engine: EngineStatistics, _ state: State, to page: inout MetricsWriter) {
    let histograms: [(String, String, BoundedCounts)] = [
      ("request_prompt_tokens", "Number of prefill tokens processed.", state.promptTokens),
      ("request_generation_tokens", "Number of generation tokens processed.", state.generationTokens),
      ("iteration_tokens_total", "Histogram of number of tokens per engine_step.", engine.stepTokens),
      (
        "request_max_num_generation_tokens", "Histogram of maximum number of requested generation tokens.",
        state.longestOutput
      ),
      ("request_params_n", "Histogram of the n request parameter.", state.outputs),
      ("request_params_max_tokens", "Histogram of the max_tokens request parameter.", state.maxTokens),
      ("time_to_first_token_seconds", "Histogram of time to first token in seconds.", state.timeToFirstToken),
      ("inter_token_latency_seconds", "Histogram of inter-token latency in seconds.", state.interTokenLatency),
      (
        "request_time_per_output_token_seconds", "Histogram of time_per_output_token_seconds per request.",
        state.timePerOutputToken
      ),
      ("e2e_request_latency_seconds", "Histogram of e2e request latency in seconds.", state.endToEnd),
      ("request_queue_time_seconds", "Histogram of time spent in WAITING phase for request.", engine.queueSeconds),
      (
        "request_inference_time_seconds", "Histogram of time spent in RUNNING phase for request.",
        engine.runningSeconds
      ),
      ("request_prefill_time_seconds", "Histogram of time spent in PREFILL phase for request.", engine.promptSeconds),
      ("request_decode_time_seconds", "Histogram of time spent in DECODE phase for request.", state.decodeTime),
    ]
    for (name, help, counts) in histograms { page.histogram("vllm:" + name, help, counts) }
  }

  /// What vLLM has no names for.
  private static func writeOwn(
    _ engine: EngineStatistics, _ configuration: SchedulerConfiguration, to page: inout MetricsWriter
  ) {
    let occupancy = engine.occupancy
    let slots = occupancy.blocksUsed * configuration.policy.blockSize
    page.family("ragmeter:kv_blocks", .gauge, "KV blocks that there are.", configuration.blockCount)
    page.family("ragmeter:kv_blocks_used", .gauge, "KV blocks that some table refers to.", occupancy.blocksUsed)
    page.family(
      "ragmeter:kv_blocks_shared", .gauge, "KV blocks that more than one table refers to.", occupancy.blocksShared)
    page.family(
      "ragmeter:kv_blocks_saved", .gauge, "KV blocks that would be needed besides without sharing.",
      occupancy.blocksSavedBySharing)
    page.family(
      "ragmeter:kv_tokens_stored", .gauge, "KV slots that hold a token of an unfinished output.",
      occupancy.tokensStored)
    page.family(
      "ragmeter:kv_waste_ratio", .gauge, "Slots of used KV blocks that hold no token, of all their slots.",
      slots == 0 ? 0 : 1 - Double(occupancy.tokensStored) / Double(slots))
    page.family(
      "ragmeter:kv_copies_total", .counter, "KV blocks copied before they were written (copy on write).",
      engine.totals.copies)
    page.family("ragmeter:engine_steps_total", .counter, "Steps that the engine has run.", engine.totals.steps)
    page.family("ragmeter:engine_seconds_total", .counter, "Seconds that these steps took.", engine.seconds)
  }

  private static func writeClients(_ state: State, _ moment: Moment, to page: inout MetricsWriter) {
    page.family("ragmeter:open_streams", .gauge, "Streams that are being written.", moment.openStreams)
    page.family(
      "ragmeter:slow_readers_dropped_total", .counter, "Clients sent away because they read too slowly.",
      state.slowReaders)
    page.family(
      "ragmeter:clients_gone_total", .counter, "Clients that went away before their answer was complete.",
      state.goneClients)
    page.family(
      "ragmeter:rejections_total", .counter, "Requests turned away before they came to the engine, by the limit.",
      Rejection.allCases.map { ([("reason", $0.rawValue)], Double(state.rejections[$0] ?? 0)) })
  }

  private static func writeServer(
    _ state: State, _ configuration: SchedulerConfiguration, _ model: String, to page: inout MetricsWriter
  ) {
    page.family(
      "vllm:admission_rejections_total", .counter,
      "Number of admission attempts rejected by a queue limit, by reason.",
      [([("model_name", model), ("reason", "max_num_queued_reqs")], Double(state.rejections[.queue] ?? 0))])
    let policy = configuration.policy
    page.family(
      "vllm:cache_config_info", .gauge, "Information of the LLMEngine CacheConfig",
      [
        (
          [
            ("block_size", "\(policy.blockSize)"), ("cache_dtype", "bfloat16"),
            ("enable_prefix_caching", policy.prefixCache ? "True" : "False"), ("engine", "0"),
            ("kv_cache_size_tokens", "\(configuration.blockCount * policy.blockSize)"), ("num_cpu_blocks", "None"),
            ("num_gpu_blocks", "\(configuration.blockCount)"), ("kv_policy", policy.batching.rawValue),
            ("sharing", policy.sharing ? "True" : "False"),
          ], 1
        )
      ])
  }

  private static func writeAnswers(_ state: State, to page: inout MetricsWriter) {
    page.family(
      "http_requests_total", .counter, "Total number of requests by method, status and handler.",
      state.answers.sorted {
        ($0.key.handler, $0.key.method, $0.key.status) < ($1.key.handler, $1.key.method, $1.key.status)
      }
      .map {
        ([("handler", $0.key.handler), ("method", $0.key.method), ("status", $0.key.status)], Double($0.value))
      })
  }
}
