import Foundation
import Generation
import Instrumentation
import RAGPipeline

/// `ragmeter ask QUESTION | --jsonl`
enum AskVerb: Verb {
  static let name = "ask"
  static let summary = "answer questions from documents: retrieve, prompt, generate"
  static let usage = """
    usage: ragmeter ask [options] QUESTION
           ragmeter ask [options] --jsonl

    Finds passages that have to do with a question, tells them to a language model, and writes its answer as it comes, with the
    sources that it was told, the best first. How long each stage took is told on standard error. A model as small as the usual
    one is quick and often wrong: read the sources, or name a larger one.

    Without --store, questions are answered from the handbook on vector search, RAG and serving in \(AskSources.handbook), whose
    collection is made the first time, in RAGMETER_CACHE (~/.cache/ragmeter/datasets), and again when its texts change. A store
    of your own is filled by 'ragmeter insert'.

    With --jsonl, standard input is one {"id", "question"} a line; a line of JSON answers each, in their order, with "answers",
    "sources", "seconds" of each stage, and tokens. A line that cannot be answered is named and makes the exit code 1.

    retrieval
    \(StoreOptions.usage) (the only one that there is)
      --embedder E        of the question (what the collection was filled with)
      --top-k K           passages to find (\(AskOptions.limit))
      --ef N, --nprobe N  what the index turns at search time

    prompt
      --template T        context-tags, grounded-short, agent-search, agent-search:caller=pipeline, or a YAML file with system, user,
                          passage, separator, agent and stop (\(AskOptions.template))
      --order O           best-first, best-last, or best-ends, with the worst in the middle (best-last)
      --duplicates D      which passages count as the same: keep (none), text, or document (text)
      --budget N          tokens of the prompt that passages may take; what does not fit is cut, the worst first (what the model's
                          context has room for)

    generation
      --model M           a name of 'ragmeter model list', or the path, with a slash, of a folder or a .gguf file
                          (smollm2-135m); of a server, what it calls the model
      --url URL           an OpenAI-compatible server's, such as http://127.0.0.1:8000, instead of a model here
      --preset P          whose habits it has: ragmeter, vllm, sglang, tgi, llama.cpp, llama-stack, openai, together, lepton; gives
                          the URL too, where none is given
      --api-key-env NAME  the environment variable that holds its key, if not the preset's own; never the key itself
      --tokenizer T       of a server's model, for --budget: a name of 'ragmeter model list', or a folder
      --max-model-len N   tokens of a prompt and an answer together (what the model was trained for)
      --n N               answers (1)
      --max-tokens N      of an answer (\(AskOptions.maxTokens))
      --temperature T     0 takes the most probable token, always (0; \(AskOptions.parallelTemperature) with --n above 1)
      --top-p P           only the fewest tokens whose probabilities reach P (1)
      --repetition-penalty R, --presence-penalty P, --frequency-penalty P
                          as vLLM has them (1, 0, \(AskOptions.frequencyPenalty); a server's are 1, 0, 0)
      --seed S            answer i draws from a generator of its own, seeded S + i (0)
      --stop TEXT         a text that ends an answer, and is not given; may be repeated
      --threads N         threads to keep busy (all cores)

    output
      --jsonl             answer JSON lines on standard input
      --json FILE         write the line of JSON to a file; '-' for standard output

    examples: ragmeter ask "What do the parameters for HNSW mean?"
              ragmeter ask --store docs.store --collection faq --template grounded-short --top-k 3 "How is data stored?"
              ragmeter ask --url http://127.0.0.1:8000 --preset vllm --n 3 "When does a graph beat inverted lists?"
    """
  static let options: [Option] =
    [
      "--store", "--collection", "--embedder", "--top-k", "--ef", "--nprobe", "--template", "--order", "--duplicates",
      "--budget", "--model", "--url", "--preset", "--api-key-env", "--tokenizer", "--max-model-len", "--n",
      "--max-tokens",
      "--temperature", "--top-p", "--repetition-penalty", "--presence-penalty", "--frequency-penalty", "--seed",
      "--threads", "--json",
    ].map { .value($0) } + [.value("--stop", repeats: true), .flag("--jsonl")]

  static func run(_ arguments: Arguments) throws -> ExitCode {
    let asksLines = arguments.has("--jsonl")
    guard asksLines == arguments.operands.isEmpty, arguments.operands.count <= 1 else {
      throw UsageError(
        arguments.operands.isEmpty
          ? "needs a question, or --jsonl for questions on standard input"
          : asksLines
            ? "--jsonl reads standard input; leave out '\(arguments.operands[0])' or --jsonl"
            : "needs one question, not \(arguments.operands.count); put it between quotes")
    }
    let options = try AskOptions.pipeline(arguments)
    let choice = try AskModel(arguments)
    let sources = try AskSources(arguments)
    defer { sources.close() }
    let model = try choice.open()
    defer { model.close() }
    let pipeline = try RAGPipeline(
      retriever: sources.retriever, generator: model.generator, options: options, limits: model.limits,
      now: MonotonicClock.now)
    let output = asksLines || arguments.value("--json") != nil ? try ResultLines(arguments) : nil
    if asksLines, let output {
      return try AskLines(pipeline: pipeline, output: output).run()
    }
    let question = arguments.operands[0]
    let isShown = output == nil
    let answer = try Waiting.run {
      var display = GenerateDisplay(choices: options.sampling.n)
      var failure: (any Error)?
      let answer = try await pipeline.answer(question) { event in
        guard isShown, failure == nil, case .generation(let event) = event else { return }
        do { try display.show(event) } catch { failure = error }
      }
      if let failure { throw failure }
      return answer
    }
    let summary = AskSummary(answer, folder: FileManager.default.currentDirectoryPath)
    if let output {
      try output.write(Array("\(answer.json())\n".utf8))
      try output.commit()
    } else {
      try StandardOutput.write(Array(summary.sources.utf8))
    }
    for line in summary.lines { complain("\(name): \(line)") }
    return .success
  }
}
