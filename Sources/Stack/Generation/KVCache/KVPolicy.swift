/// How KV memory is given to sequences, and how sequences are batched: parameters of one engine, so that nothing else
/// differs between the rows of a table.
public struct KVPolicy: Sendable, Hashable {
  public enum Batching: String, Sendable, Hashable, CaseIterable {
    /// One padded batch at a time, run until its last sequence has finished; as Hugging Face `generate` serves.
    case `static`
    /// Sequences join and leave at every step; each has one contiguous range of blocks, reserved when it joins; the n
    /// outputs of a request are n requests. As Orca (Yu et al. 2022) and the TGI of 2023 serve.
    case continuous
    /// Block tables that grow block by block, shared between the outputs of a request; as vLLM serves (Kwon et al.
    /// 2023, arXiv 2309.06180).
    case paged
  }

  /// What a contiguous reservation holds places for (section 6.1 of the paper calls them Oracle, Pow2 and Max).
  public enum Reservation: String, Sendable, Hashable, CaseIterable {
    /// Prompt and `max_tokens` of the request.
    case request
    /// Prompt and the power of two that `max_tokens` does not exceed.
    case powerOfTwo = "pow2"
    /// `max_model_len`, whatever was asked for.
    case model
  }

  public var batching: Batching
  /// Tokens of one block.
  public var blockSize: Int
  /// Whether the outputs of a request share the blocks of its prompt. Only `paged` can.
  public var sharing: Bool
  /// Whether full blocks are found again by the hash of what they hold. Only `paged` can.
  public var prefixCache: Bool
  /// What `static` and `continuous` reserve; `paged` reserves nothing.
  public var reservation: Reservation

  public init(
    batching: Batching, blockSize: Int = 16, sharing: Bool? = nil, prefixCache: Bool? = nil,
    reservation: Reservation = .request
  ) {
    self.batching = batching
    self.blockSize = blockSize
    self.sharing = sharing ?? (batching == .paged)
    self.prefixCache = prefixCache ?? (batching == .paged)
    self.reservation = reservation
  }
}
