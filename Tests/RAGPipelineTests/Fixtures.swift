import Generation
import ModelFiles
import RAGPipeline
import Synchronization
import VectorStores

/// Counts up by one at every look.
final class CountingClock: Sendable {
  private let ticks = Mutex<UInt64>(0)

  var now: @Sendable () -> UInt64 {
    { [self] in
      ticks.withLock { ticks in
        ticks += 1
        return ticks
      }
    }
  }
}

/// Finds the same whatever is asked, and remembers what was.
final class ScriptedRetriever: Retriever {
  private let passages: [Passage]
  private let now: @Sendable () -> UInt64
  private let asked = Mutex<[String]>([])

  init(_ passages: [Passage], now: @escaping @Sendable () -> UInt64 = { 0 }) {
    self.passages = passages
    self.now = now
  }

  var questions: [String] { asked.withLock { $0 } }

  func retrieve(_ question: String, limit: Int) throws -> Retrieval {
    asked.withLock { $0.append(question) }
    let start = now()
    return Retrieval(passages: passages, spans: [StageSpan(.search, start: start, end: now())])
  }
}

/// Says the lines of a script, one for each request, word by word, and remembers the requests.
final class ScriptedGenerator: TextGenerator {
  let model = "scripted"
  private let script: [[GenerationEvent]]
  private let asked = Mutex<[GenerationRequest]>([])

  init(events: [[GenerationEvent]]) { script = events }

  convenience init(_ answers: String...) { self.init(events: answers.map(Self.events)) }

  static func events(_ answer: String) -> [GenerationEvent] {
    let words = answer.split(separator: " ", omittingEmptySubsequences: false)
    let tokens = words.enumerated().map { index, word in
      GenerationEvent.tokens(choice: 0, ids: [Int32(index)], text: (index == 0 ? "" : " ") + word, logprobs: [])
    }
    return tokens + [
      .finished(choice: 0, reason: .stop),
      .usage(promptTokens: 100, completionTokens: words.count, cachedTokens: 10),
    ]
  }

  var requests: [GenerationRequest] { asked.withLock { $0 } }

  func generate(_ request: GenerationRequest) async throws -> AsyncThrowingStream<GenerationEvent, any Error> {
    let number = asked.withLock { asked in
      asked.append(request)
      return asked.count - 1
    }
    guard number < script.count else { throw GenerationError("the script is at its end") }
    return AsyncThrowingStream { continuation in
      for event in script[number] { continuation.yield(event) }
      continuation.finish()
    }
  }
}

extension Passage {
  /// A passage that is easy to tell from others.
  static func numbered(_ number: Int, text: String? = nil, document: String? = nil) -> Passage {
    Passage(
      key: .string("d\(number)#0"), document: document ?? "d\(number)", source: "docs/d\(number).md",
      title: number % 2 == 0 ? nil : "Title \(number)", text: text ?? "Text of passage \(number).",
      distance: 1 - Float(number) / 100)
  }
}

extension PromptLimits {
  /// A token is a word.
  static func words(_ contextLength: Int) -> PromptLimits {
    PromptLimits(contextLength: contextLength) { messages in
      messages.map { $0.content.split(whereSeparator: \.isWhitespace).count }.reduce(0, +)
    }
  }
}

extension [ChatMessage] {
  /// As snapshots show a conversation.
  var transcript: String { map { "--- \($0.role)\n\($0.content)\n" }.joined() }
}
