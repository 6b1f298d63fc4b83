extension LlamaTensor {
  /// What GGUF files call it (ggml, docs/gguf.md, "Standardized tensor names").
  var nameInGGUF: String {
    switch self {
    case .embedding: "token_embd.weight"
    case .outputNorm: "output_norm.weight"
    case .output: "output.weight"
    case .layer(let index, let part):
      switch part {
      case .attentionNorm: "blk.\(index).attn_norm.weight"
      case .query: "blk.\(index).attn_q.weight"
      case .key: "blk.\(index).attn_k.weight"
      case .value: "blk.\(index).attn_v.weight"
      case .queryBias: "blk.\(index).attn_q.bias"
      case .keyBias: "blk.\(index).attn_k.bias"
      case .valueBias: "blk.\(index).attn_v.bias"
      case .attentionOutput: "blk.\(index).attn_output.weight"
      case .feedForwardNorm: "blk.\(index).ffn_norm.weight"
      case .gate: "blk.\(index).ffn_gate.weight"
      case .up: "blk.\(index).ffn_up.weight"
      case .down: "blk.\(index).ffn_down.weight"
      }
    }
  }

  /// What Hugging Face's `LlamaForCausalLM`, `MistralForCausalLM` and `Qwen2ForCausalLM` call it.
  var nameInTransformers: String {
    switch self {
    case .embedding: "model.embed_tokens.weight"
    case .outputNorm: "model.norm.weight"
    case .output: "lm_head.weight"
    case .layer(let index, let part):
      switch part {
      case .attentionNorm: "model.layers.\(index).input_layernorm.weight"
      case .query: "model.layers.\(index).self_attn.q_proj.weight"
      case .key: "model.layers.\(index).self_attn.k_proj.weight"
      case .value: "model.layers.\(index).self_attn.v_proj.weight"
      case .queryBias: "model.layers.\(index).self_attn.q_proj.bias"
      case .keyBias: "model.layers.\(index).self_attn.k_proj.bias"
      case .valueBias: "model.layers.\(index).self_attn.v_proj.bias"
      case .attentionOutput: "model.layers.\(index).self_attn.o_proj.weight"
      case .feedForwardNorm: "model.layers.\(index).post_attention_layernorm.weight"
      case .gate: "model.layers.\(index).mlp.gate_proj.weight"
      case .up: "model.layers.\(index).mlp.up_proj.weight"
      case .down: "model.layers.\(index).mlp.down_proj.weight"
      }
    }
  }
}
