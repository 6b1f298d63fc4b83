extension SchedulerConfiguration {
  /// - Throws: `GenerationError` for a configuration under which nothing could ever run.
  func check() throws(GenerationError) {
    func demand(_ condition: Bool, _ sentence: @autoclosure () -> String) throws(GenerationError) {
      guard condition else { throw GenerationError(sentence()) }
    }
    try demand(policy.blockSize > 0, "block_size must be at least 1 token, not \(policy.blockSize)")
    try demand(blockCount > 0, "the KV budget must hold at least one block, not \(blockCount); give it more memory")
    try demand(
      blockCount <= Int(Int32.max) - 1
        && blockCount.multipliedReportingOverflow(by: policy.blockSize).overflow == false,
      "a KV budget of \(blockCount) blocks of \(policy.blockSize) tokens is beyond what block numbers can count")
    try demand(maxSequences > 0, "max_num_seqs must be at least 1, not \(maxSequences)")
    try demand(maxModelLength > 1, "max_model_len must be at least 2 tokens, one in and one out, not \(maxModelLength)")
    try demand(
      maxModelLength <= Int(Int32.max) / 2, "max_model_len of \(maxModelLength) tokens is more than can be counted")
    try demand(
      maxBatchedTokens >= maxSequences,
      "max_num_batched_tokens (\(maxBatchedTokens)) must be at least max_num_seqs (\(maxSequences)), "
        + "so that every sequence can go on in every step; raise the one or lower the other")
    try demand(
      policy.batching == .paged || !policy.sharing,
      "policy \(policy.batching.rawValue) gives every output one range of its own and cannot share blocks; "
        + "set sharing to false, or take policy paged")
    try demand(
      policy.batching == .paged || !policy.prefixCache,
      "policy \(policy.batching.rawValue) has no blocks that can be found again; set prefix_cache to false, "
        + "or take policy paged")
  }
}
