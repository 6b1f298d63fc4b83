/// A whole Llama-shaped GGUF file of one layer, to be changed and damaged: every type of block occurs that rows of 32 and 256
/// values can be of.
struct TinyGGUF {
  enum Value {
    case text(String)
    case integer(UInt32)
    case number(Float)
    case texts([String])
    case numbers([Int32])
  }

  struct Tensor {
    var name: String
    /// Innermost first.
    var shape: [UInt64]
    var type: UInt32
  }

  static let tokens =
    (33...126).map { String(UnicodeScalar(UInt8($0))) } + ["Ġ", "Ċ", "hi", "Ġhi", "<s>", "<|im_end|>"]
  var version: UInt32 = 3
  var architecture = "llama"
  var metadata: [(key: String, value: Value)] = [
    ("embedding_length", .integer(32)), ("block_count", .integer(1)), ("attention.head_count", .integer(4)),
    ("attention.head_count_kv", .integer(2)), ("feed_forward_length", .integer(256)),
    ("context_length", .integer(128)), ("attention.layer_norm_rms_epsilon", .number(1e-5)),
  ]
  var tokenizer: [(key: String, value: Value)] = [
    ("tokenizer.ggml.model", .text("gpt2")), ("tokenizer.ggml.pre", .text("smollm")),
    ("tokenizer.ggml.tokens", .texts(tokens)),
    ("tokenizer.ggml.token_type", .numbers([Int32](repeating: 1, count: tokens.count - 2) + [3, 3])),
    ("tokenizer.ggml.merges", .texts(["h i", "Ġ hi"])), ("tokenizer.ggml.bos_token_id", .integer(98)),
    ("tokenizer.ggml.eos_token_id", .integer(98)),
    (
      "tokenizer.chat_template",
      .text("{% for m in messages %}{{ bos_token + m.role + ': ' + m.content | trim }}{% endfor %}")
    ),
  ]
  var tensors: [Tensor] = [
    Tensor(name: "token_embd.weight", shape: [32, 100], type: 8),
    Tensor(name: "output_norm.weight", shape: [32], type: 0),
    Tensor(name: "output.weight", shape: [32, 100], type: 1),
    Tensor(name: "blk.0.attn_norm.weight", shape: [32], type: 0),
    Tensor(name: "blk.0.attn_q.weight", shape: [32, 32], type: 2),
    Tensor(name: "blk.0.attn_k.weight", shape: [32, 16], type: 3),
    Tensor(name: "blk.0.attn_v.weight", shape: [32, 16], type: 6),
    Tensor(name: "blk.0.attn_output.weight", shape: [32, 32], type: 7),
    Tensor(name: "blk.0.ffn_norm.weight", shape: [32], type: 30),
    Tensor(name: "blk.0.ffn_gate.weight", shape: [32, 256], type: 2),
    Tensor(name: "blk.0.ffn_up.weight", shape: [32, 256], type: 30),
    Tensor(name: "blk.0.ffn_down.weight", shape: [256, 32], type: 14),
  ]

  mutating func set(_ key: String, _ value: Value?) {
    metadata.removeAll { $0.key == key }
    if let value { metadata.append((key, value)) }
  }

  mutating func change(_ tensor: String, _ body: (inout Tensor) -> Void) {
    for index in tensors.indices where tensors[index].name == tensor { body(&tensors[index]) }
  }

  /// The file, and where its tensors' bytes begin. Values are a pattern of small bytes, so that scales stay finite.
  func write() -> (bytes: [UInt8], start: Int) {
    let entries =
      [("general.architecture", .text(architecture))] + metadata.map { ("\(architecture).\($0.key)", $0.value) }
      + tokenizer.map { ($0.key, $0.value) }
    var writer = GGUFWriter.header(version: version, tensors: UInt64(tensors.count), keys: UInt64(entries.count))
    for (key, value) in entries {
      switch value {
      case .text(let text): writer.key(key, text)
      case .integer(let number): writer.key(key, number)
      case .number(let number): writer.key(key, number)
      case .texts(let texts): writer.key(key, texts: texts)
      case .numbers(let numbers): writer.key(key, numbers: numbers)
      }
    }
    let sizes: [UInt32: (values: UInt64, bytes: UInt64)] = [
      0: (1, 4), 1: (1, 2), 2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84),
      14: (256, 210), 23: (256, 136), 30: (1, 2),
    ]
    var offset: UInt64 = 0
    for tensor in tensors {
      writer.tensor(tensor.name, tensor.shape, type: tensor.type, offset: offset)
      let size = sizes[tensor.type] ?? (1, 1)
      offset += (tensor.shape.reduce(1, *) / size.values * size.bytes + 31) / 32 * 32
    }
    writer.align()
    let start = writer.bytes.count
    writer.bytes += (0..<Int(offset)).map { UInt8($0 * 7 % 59) }
    return (writer.bytes, start)
  }
}
