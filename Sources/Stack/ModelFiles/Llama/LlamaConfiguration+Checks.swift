extension LlamaConfiguration {
  /// A field that must fit others, by what each kind of file calls it.
  enum Field {
    case keyValueHeads, headDimension

    var inGGUF: String {
      switch self {
      case .keyValueHeads: "attention.head_count_kv"
      case .headDimension: "attention.key_length"
      }
    }

    var inTransformers: String {
      switch self {
      case .keyValueHeads: "num_key_value_heads"
      case .headDimension: "head_dim"
      }
    }
  }

  /// What no field can say alone.
  func check(_ failure: (Field, String) -> ModelFileError) throws {
    guard heads % keyValueHeads == 0 else {
      throw failure(.keyValueHeads, "is \(keyValueHeads), which does not divide the \(heads) query heads")
    }
    guard headDimension % 2 == 0, headDimension > 0 else {
      throw failure(.headDimension, "is \(headDimension), and dimensions turn in pairs")
    }
  }
}
