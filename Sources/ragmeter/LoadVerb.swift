import Workloads

/// `ragmeter load --url URL --model M --concurrency C`
enum LoadVerb: Verb {
  static let name = "load"
  static let summary = "put an OpenAI-compatible server under load"
  static let usage = """
    usage: ragmeter load --url URL (--concurrency C | --rate R | --ramp A-B | --trace FILE | --sweep A-B) [options]
           ragmeter load --calibrate

    Sends requests as a schedule wants them, which is fixed in advance, and tells what the server sustained: TTFT, ITL, TPOT, E2E,
    goodput and tokens a second, with the server's KV memory beside them, what became of every request, and whether the client
    was the bottleneck. Latencies count from the moment at which a request was to be sent.

    server
      --url URL           such as http://127.0.0.1:8000, with or without /v1
      --preset P          whose habits it has: ragmeter, vllm, sglang, tgi, llama.cpp, llama-stack, openai, together, lepton; gives
                          the URL too, where none is given
      --model M           what it calls the model (the first that it lists)
      --tokenizer T       a name of 'ragmeter model list', or a folder, by which prompts are measured (the server's count)
      --api-key-env NAME  the environment variable that holds the key, if not the preset's own; never the key itself

    load: one kind or several, each with one value or several between commas, or a range such as 1..16*2
      --concurrency C     so many requests are always under way
      --rate R            requests a second, whatever the server does
      --arrivals LAW      of --rate and --sweep: poisson, constant, gamma:burstiness=0.5 (poisson)
      --ramp A-B/SECONDS  from A requests a second to B
      --trace FILE        arrivals and lengths of a trace such as Azure's, times --time-scale X (1)
      --sweep A-B         looks between A and B requests a second for the highest rate that keeps the --slo for --share of the
                          requests (0.9)
      --think S           of --concurrency: between an answer and the next request; ~2s varies around 2 s (none)

    requests
      --prompts SOURCE    lengths:prompt=128,output=128, sharegpt, mt-bench, corpus:name=handbook, a JSONL file; repeatable
                          (\(LoadTest.usualPrompts))
      --n N               outputs of a prompt, such as 1,3; --compare-n asks for them by N requests, too
      --prefix P          system=512,distinct=4 or passages=4,corpus=handbook: what prompts have in common (nothing)
      --sessions S        turns=recorded or turns=2-5, with think=2s: conversations (each prompt alone)
      --endpoint E        completions or chat (completions)
      --synthetic S       what prompts of a length are made of: words or ids (words)
      --outputs O         fixed: as long as the source says; natural: until the model ends them (fixed)
      --temperature T     (1)
      --max-model-len N   tokens of a prompt and an output together (2048)

    measuring
      --requests N, --seconds S, --precision P
                          what ends a load, whichever is first: so many requests, so much time, or a 95 % interval of the median
                          --precision-of ttft|tpot|e2e that is within P of it (100 requests)
      --slo LEVELS        ttft=500ms,itl=50ms,tpot=40ms,e2e=10s: what a request must keep to be good
      --kv-ceiling X      hold requests back while the server's KV memory would be fuller than X; none,0.9 does both
      --warmup X          share of the requests that is not measured (0.1); --drain S waits for the last (120)
      --repetitions R     passes of each load (1)
      --retries N         how often a request is put again that was refused or broken off (0)
      --timeout S         for a whole request; --first-token-timeout S, --silence-timeout S, --connect-timeout S
      --seed S            of arrivals, lengths and prompts (42)
      --calibrate         what this client can do, against a server in this process that does nothing

    \(Measurement.usage)

    examples: ragmeter load --url http://127.0.0.1:8000 --concurrency 1,4,16 --n 1,3 --requests 200
              ragmeter load --preset together --model M --rate 2,4,8 --seconds 60 --slo ttft=500ms,itl=50ms --plots plots
              ragmeter load --url http://127.0.0.1:8321 --sweep 0.5-64 --slo ttft=1s --json -
    """
  static let options: [Option] =
    serverOptions.keys.sorted().map { .value($0) } + loadOptions.map { .value($0) }
    + sectionOptions.keys.sorted().map { .value($0) } + timeoutOptions.keys.sorted().map { .value($0) }
    + [
      .value("--prompts", repeats: true), .value("--slo"), .value("--prefix"), .value("--sessions"), .value("--seed"),
      .flag("--compare-n"), .flag("--calibrate"),
    ] + Measurement.options

  static func run(_ arguments: Arguments) throws -> ExitCode {
    if let operand = arguments.operands.first { throw UsageError("takes no operand such as '\(operand)'") }
    if arguments.has("--calibrate") { return try calibrate(arguments) }
    let seed = try arguments.integer("--seed", in: 0...Int.max, default: 42)
    return try Measurement(arguments, resume: false, specPath: nil).run(
      test(arguments).experiment(seed: UInt64(seed)))
  }
}
