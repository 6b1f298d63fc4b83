extension Scheduler {
  /// Puts a request at the end of the line.
  ///
  /// - Throws: `GenerationError` for one that could never be served: an empty prompt, no choices, one that is longer than the
  ///   model or the KV budget, more choices than may run at once, an id in use.
  public mutating func add(_ request: ScheduledRequest) throws(GenerationError) {
    try check(request)
    let group = freeGroups.popLast() ?? Int32(groups.count)
    let prompt = Int32(request.prompt.count)
    let end = Int32(longest(request))
    let members = (0..<request.choices).map { choice in
      var sequence = Sequence(
        id: ChoiceID(request: request.id, index: choice), group: group, hasStopTokens: !request.stopTokens.isEmpty,
        known: prompt, target: prompt, end: end, longest: end,
        stopsFrom: prompt + Int32(min(request.minTokens, Int(end))))
      if let length = request.outputLengths?[choice], length <= Int(end - prompt) {
        sequence.end = prompt + Int32(length)
        sequence.endsByScript = true
      }
      guard let place = freeSequences.popLast() else {
        sequences.append(sequence)
        return Int32(sequences.count - 1)
      }
      sequences[Int(place)] = sequence
      return place
    }
    let added = Group(
      id: request.id, prompt: request.prompt, stopTokens: request.stopTokens.sorted(), members: members,
      unfinished: members.count)
    if Int(group) == groups.count { groups.append(added) } else { groups[Int(group)] = added }
    requests[request.id] = group
    unfinished += members.count
    for member in isPaged ? [group] : members { waiting.append(member) }
  }

  /// Tokens of prompt and output at which a request's choices end at the latest.
  private func longest(_ request: ScheduledRequest) -> Int {
    min(request.maxTokens, configuration.maxModelLength - request.prompt.count) + request.prompt.count
  }

  private func check(_ request: ScheduledRequest) throws(GenerationError) {
    func demand(_ condition: Bool, _ sentence: @autoclosure () -> String) throws(GenerationError) {
      guard condition else { throw GenerationError(sentence()) }
    }
    let prompt = request.prompt.count
    let limits = configuration
    try demand(
      requests[request.id] == nil, "request \(request.id) is there already; give every request an id of its own")
    try demand(prompt > 0, "the prompt is empty; give it at least one token")
    try demand(request.choices > 0, "n must be at least 1, not \(request.choices)")
    try demand(request.maxTokens > 0, "max_tokens must be at least 1, not \(request.maxTokens)")
    try demand(request.minTokens >= 0, "min_tokens must not be less than 0, as \(request.minTokens) is")
    try demand(
      request.minTokens <= request.maxTokens,
      "min_tokens (\(request.minTokens)) must not be more than max_tokens (\(request.maxTokens))")
    try demand(
      prompt < limits.maxModelLength,
      "the prompt's \(prompt) tokens leave no room in the model's \(limits.maxModelLength) (max_model_len); shorten it")
    if let lengths = request.outputLengths {
      try demand(
        lengths.count == request.choices && lengths.allSatisfy { $0 > 0 },
        "output lengths must be one of at least 1 for each of the \(request.choices) choices")
    }
    try demand(
      !isPaged || request.choices <= limits.maxSequences,
      "\(request.choices) outputs of a request run together, and max_num_seqs lets no more than "
        + "\(limits.maxSequences) run; ask for fewer or raise it")
    let slots = reservedSlots(prompt: prompt, end: longest(request))
    let blocks = blocks(for: slots)
    try demand(
      blocks <= limits.blockCount,
      "one output may need \(blocks) KV blocks (\(slots) tokens), and the KV budget has "
        + "\(limits.blockCount) of \(limits.policy.blockSize); give it more memory, or ask for fewer tokens")
  }

  var isPaged: Bool { configuration.policy.batching == .paged }

  func blocks(for tokens: Int) -> Int { (tokens + pool.blockSize - 1) / pool.blockSize }

  /// Slots that a sequence gets at once under the contiguous policies, and the most that it ever needs under `paged`. The
  /// last token of an output is never put into the cache.
  func reservedSlots(prompt: Int, end: Int) -> Int {
    switch configuration.policy.reservation {
    case _ where isPaged: end - 1
    case .request: end - 1
    case .powerOfTwo: min(prompt + (end - prompt).roundedUpToPowerOfTwo, configuration.maxModelLength) - 1
    case .model: configuration.maxModelLength - 1
    }
  }
}

extension Int {
  /// The smallest power of two that is not less, for a number above 0.
  fileprivate var roundedUpToPowerOfTwo: Int { 1 << (Int.bitWidth - (self - 1).leadingZeroBitCount) }
}
