import Foundation
import Testing

/// The built program, asked as a user asks it.
@Suite struct UsageTests {
  @Test(arguments: ["run", "index", "load"]) func helpOfVerbs(verb: String) throws {
    let answer = try Program.run(["help", verb])
    #expect(answer.status == 0)
    try expectSnapshot(answer.output, "help-\(verb).txt")
    #expect(try Program.run([verb, "--help"]).output == answer.output)
  }

  @Test func helpListsEveryVerb() throws {
    let answer = try Program.run(["help"])
    #expect(answer.status == 0)
    for verb in ["run", "index", "doctor"] { #expect(answer.output.contains("\n  \(verb) ")) }
    #expect(answer.errors.isEmpty)
  }

  /// Wrong usage: 64, one sentence, and nothing on standard output.
  @Test(arguments: [
    ([], "no verb given"),
    (["rnu"], "no verb is called 'rnu'; did you mean 'run'?"),
    (["help", "rnu"], "no verb is called 'rnu'"),
    (["run"], "run: needs one experiment file, not 0; 'ragmeter help run' shows how"),
    (["run", "a.yml", "b.yml"], "run: needs one experiment file, not 2"),
    (["run", "a.yml", "--qiuck"], "run: unknown option --qiuck; did you mean --quick?"),
    (["run", "a.yml", "--quick=3"], "run: --quick takes no value"),
    (["run", "a.yml", "--json"], "run: --json needs a value"),
    (["run", "a.yml", "--json", "x", "--json", "y"], "run: --json was given twice"),
    (["run", "a.yml", "--set", "k"], "needs a key and a value"),
    (["run", "missing.yml"], "missing.yml: cannot be opened: No such file or directory"),
    (["index", "extra"], "index: takes no operand such as 'extra'"),
    (["index", "--index", "flat"], "index: needs --dataset NAME or PATH"),
    (["index", "--dataset", "x"], "index: needs at least one --index"),
    (["index", "--dataset", "x", "--index", "flatt"], "--index flatt: unknown index 'flatt'; did you mean 'flat'?"),
    (["index", "--dataset", "x", "--index", "flat", "--k", "0"], "index: --k needs an integer from 1 to"),
    (["index", "--dataset", "x", "--index", "flat", "--metric", "l3"], "--metric l3: 'l3' is no choice"),
    (["index", "--dataset", "x", "--index", "flat", "--json", "-", "--csv", "-"], "only one result"),
    (["ask"], "ask: needs a question, or --jsonl for questions on standard input"),
    (["ask", "what", "is", "M?"], "ask: needs one question, not 3; put it between quotes"),
    (["ask", "--jsonl", "why?"], "ask: --jsonl reads standard input; leave out 'why?' or --jsonl"),
    (["ask", "--order", "best", "why?"], "ask: --order: known here: best-first, best-last, best-ends"),
    (["ask", "--template", "tags", "why?"], "ask: --template: no template is called 'tags'"),
    (["ask", "--n", "3", "--temperature", "0", "why?"], "ask: "),
    (["ask", "--tokenizer", "minilm", "why?"], "ask: --tokenizer is for a server, which --url or --preset names"),
    (["ask", "--preset", "vlm", "why?"], "ask: no preset is called 'vlm'"),
    (["search", "--store", "docs", "--collection", "c", "q"], "search: --store docs: no store is called 'docs'"),
    (["load"], "load: needs --url URL, such as http://127.0.0.1:8000, or the --preset of a service"),
    (["load", "http://x"], "load: takes no operand such as 'http://x'"),
    (["load", "--url", "http://x"], "load: needs a load: --concurrency 1,4,16, --rate 1,2,4"),
    (["load", "--url", "http://x", "--concurency", "1"], "unknown option --concurency; did you mean --concurrency?"),
    (
      ["load", "--url", "http://x", "--concurrency", "1,no"],
      "--concurrency 1,no: must hold integers from 1 to 1000000, not 'no'"
    ),
    (["load", "--url", "http://x", "--rate", "2", "--think", "2s"], "load: --think is of --concurrency"),
    (["load", "--url", "http://x", "--ramp", "1-8"], "--ramp is A-B/SECONDS, such as 1-8/30, not '1-8'"),
    (["load", "--url", "http://x", "--sweep", "1-8"], "a sweep looks for the highest rate that keeps the 'slo'"),
    (
      ["load", "--url", "http://x", "--rate", "1", "--slo", "ttft"], "--slo is NAME=VALUE,NAME=VALUE, and 'ttft' is not"
    ),
    (
      ["load", "--url", "http://x", "--rate", "1", "--slo", "ttft=soon"],
      "--slo soon: must be a time such as 500ms or 2s"
    ),
    (["load", "--preset", "vlm", "--rate", "1"], "--preset vlm: no server is called 'vlm'; did you mean 'vllm'?"),
  ])
  func wrongUsage(words: [String], sentence: String) throws {
    let answer = try Program.run(words)
    #expect(answer.status == 64)
    #expect(answer.output.isEmpty)
    #expect(answer.errors.contains(sentence), "\(answer.errors)")
  }
}
