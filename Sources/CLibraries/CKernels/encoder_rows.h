// Layer normalisation and the sums at both ends of the encoder; and the table of the implementation that includes this.

CK_INLINE void layer_norm(enum type type, const ck_layer_norm *l) {
  size_t padded = ck_padded(l->d);
  for (size_t i = 0; i < l->m; i++) {
    char *row = (char *)l->rows + i * l->row_stride;
    vf sum = 0, squares = 0;
    for (size_t j = 0; j < padded; j += LANES) sum += load(row + j * 4);
    float mean = lanes_sum(sum) / (float)l->d;
    size_t whole = l->d / LANES * LANES;
    for (size_t j = 0; j < whole; j += LANES) {
      vf x = load(row + j * 4) - mean;
      squares = fused(x, x, squares);
    }
    if (whole < l->d) {
      vi inside = lane_numbers() < (vi)(int32_t)(l->d - whole);
      vf x = (vf)((vi)(load(row + whole * 4) - mean) & inside);
      squares = fused(x, x, squares);
    }
    float scale = 1 / sqrtf(lanes_sum(squares) / (float)l->d + l->epsilon);
    for (size_t j = 0; j < padded; j += LANES) {
      vf x = fused((load(row + j * 4) - mean) * scale, load(l->weight + j), load(l->bias + j));
      store(row + j * 4, x);
      if (l->out) store_element(type, (char *)l->out + i * l->out_stride + j * element_bytes(type), x);
    }
  }
}

static void layer_norm_f32(const ck_layer_norm *l) { layer_norm(F32, l); }
static void layer_norm_bf16(const ck_layer_norm *l) { layer_norm(BF16, l); }

static void embed_tokens(const float *words, const int32_t *ids, const float *positions, size_t width, size_t m,
                         float *out, size_t out_stride) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < width; j += LANES)
      store((char *)out + i * out_stride + j * 4,
            load(words + (size_t)ids[i] * width + j) + load(positions + i * width + j));
}

static void sum_rows(const float *rows, size_t row_stride, size_t m, size_t width, float *out) {
  for (size_t j = 0; j < width; j += LANES) {
    vf sum = 0;
    for (size_t i = 0; i < m; i++) sum += load((const char *)rows + i * row_stride + j * 4);
    store(out + j, sum);
  }
}

const ck_encoder_kernels ENCODER_TABLE = {
    .name = ENCODER_NAME,
    .product_f32 = product_f32,
    .product_bf16 = product_bf16,
    .product_i8 = product_i8,
    .attention_f32 = attention_f32,
    .attention_bf16 = attention_bf16,
    .layer_norm_f32 = layer_norm_f32,
    .layer_norm_bf16 = layer_norm_bf16,
    .embed_tokens = embed_tokens,
    .sum_rows = sum_rows,
};
