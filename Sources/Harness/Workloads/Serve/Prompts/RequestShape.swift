package import Generation
package import GenerationClient

/// How the prompts of a source become requests to a server.
package struct RequestShape: Sendable, Equatable {
  package enum OutputLengths: String, Sendable, CaseIterable {
    /// Each output is as long as its source says: `max_tokens`, `min_tokens` and `ignore_eos`.
    case fixed
    /// The model ends its outputs, at the latest where the source says.
    case natural
  }

  /// What a prompt is made of that only has a length.
  package enum Synthetic: String, Sendable, CaseIterable {
    /// Random token ids, which completions of vLLM, llama.cpp and `ragmeter serve` take.
    case ids
    /// Random words of one token each.
    case words
  }

  package var endpoint = ClientRequest.Endpoint.completions
  /// What all requests have in common; lengths, n and seeds are set for each. Where it has a seed, each has its own after it.
  package var sampling = SamplingParameters()
  package var outputLengths = OutputLengths.fixed
  package var synthetic = Synthetic.words
  package var prefix = PromptPrefix.none
  /// nil: each prompt stands alone.
  package var sessions: SessionShape?
  /// Of a trace.
  package var replay = TraceReplay()

  package init() {}
}

/// What prompts have in common, so that a server's prefix cache can save it.
package enum PromptPrefix: Sendable, Hashable {
  case none
  /// A system prompt of so many tokens, one of `distinct`, by turns.
  case system(tokens: Int, distinct: Int)
  /// So many passages before each question, as retrieval puts them there: the one of popularity rank r is drawn with a chance
  /// that goes with r to the power of -exponent.
  case passages(CorpusTexts, count: Int, exponent: Double)
}

/// Conversations: each turn holds the earlier ones with the answers that came, and is sent once the last answer is there.
package struct SessionShape: Sendable, Hashable {
  package enum Turns: Sendable, Hashable {
    /// The turns that a file has of each conversation.
    case recorded
    /// So many prompts of the source, one after the other.
    case drawn(LengthLaw)
  }

  package var turns: Turns
  /// Between an answer and the next turn.
  package var thinking: Pause

  package init(turns: Turns, thinking: Pause = .none) {
    self.turns = turns
    self.thinking = thinking
  }
}

/// Which part of a trace is replayed, and how fast.
package struct TraceReplay: Sendable, Hashable {
  /// Seconds of the trace, before scaling, where the replay begins, and how many it has; nil: to the end.
  package var from: Double
  package var seconds: Double?
  /// What its times are multiplied by: 0.1 is ten times as fast.
  package var scale: Double

  package init(from: Double = 0, seconds: Double? = nil, scale: Double = 1) {
    self.from = from
    self.seconds = seconds
    self.scale = scale
  }
}
