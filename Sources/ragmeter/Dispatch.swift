import Experiments
import Foundation
import Spelling

/// Every verb, in the order of the overview.
var verbs: [any Verb.Type] {
  [
    RunVerb.self, IndexVerb.self, ChunkVerb.self, TokenizeVerb.self, EmbedVerb.self, GenerateVerb.self, InsertVerb.self,
    SearchVerb.self, AskVerb.self, ServeVerb.self, LoadVerb.self,
    DatasetVerb.self, ModelVerb.self, ReportVerb.self, DoctorVerb.self,
  ]
}

func overview() -> String {
  let width = verbs.map { $0.name.count }.max() ?? 0
  let lines = verbs.map { "  \($0.name.padding(toLength: width, withPad: " ", startingAt: 0))  \($0.summary)" }
  return """
    ragmeter measures a retrieval-augmented generation stack.

    usage: ragmeter VERB [options]

    \(lines.joined(separator: "\n"))

    'ragmeter help VERB' explains one.
    """
}

func complain(_ sentence: String) {
  FileHandle.standardError.write(Data("ragmeter: \(sentence)\n".utf8))
}

func dispatch(_ words: ArraySlice<String>) -> ExitCode {
  guard let first = words.first else {
    complain("no verb given\n\n" + overview())
    return .usage
  }
  if first == "help" || first == "--help" || first == "-h" {
    guard let topic = words.dropFirst().first else {
      print(overview())
      return .success
    }
    guard let verb = verbs.first(where: { $0.name == topic }) else {
      complain("no verb is called '\(topic)'; 'ragmeter help' lists them")
      return .usage
    }
    print(verb.usage)
    return .success
  }
  guard let verb = verbs.first(where: { $0.name == first }) else {
    let hint = Spelling.nearest(to: first, among: verbs.map { $0.name }).map { "; did you mean '\($0)'?" }
    complain("no verb is called '\(first)'\(hint ?? "; 'ragmeter help' lists them")")
    return .usage
  }
  if words.dropFirst().contains("--help") {
    print(verb.usage)
    return .success
  }
  do {
    return try verb.run(Arguments(words.dropFirst(), options: verb.options))
  } catch let error as UsageError {
    complain("\(verb.name): \(error.description); 'ragmeter help \(verb.name)' shows how")
    return .usage
  } catch let error as SpecError {
    complain("\(verb.name): \(error)")
    return .usage
  } catch {
    complain("\(verb.name): \(error)")
    return .failure
  }
}
