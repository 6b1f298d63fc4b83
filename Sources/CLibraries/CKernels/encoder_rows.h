// Layer normalisation and the sums at both ends of the encoder; and the table of the implementation that includes this.

/// What makes a row's mean 0 and its variance 1: (x - mean) * scale. Several sums run side by side, so that none waits for the
/// addition before.
typedef struct {
  float mean, scale;
} ck_moments;

CK_INLINE ck_moments moments(const ck_layer_norm *l, const char *row) {
  enum { SIDE = CK_PANEL_COLUMNS / LANES };
  size_t padded = ck_padded(l->d);
  vf sums[SIDE] = {0}, squares[SIDE] = {0};
  for (size_t j = 0; j < padded; j += CK_PANEL_COLUMNS)
#pragma clang loop unroll(full)
    for (int s = 0; s < SIDE; s++) sums[s] += load(row + (j + (size_t)s * LANES) * 4);
#pragma clang loop unroll(full)
  for (int s = 1; s < SIDE; s++) sums[0] += sums[s];
  float mean = lanes_sum(sums[0]) / (float)l->d;
  size_t whole = l->d / CK_PANEL_COLUMNS * CK_PANEL_COLUMNS;
  for (size_t j = 0; j < whole; j += CK_PANEL_COLUMNS)
#pragma clang loop unroll(full)
    for (int s = 0; s < SIDE; s++) {
      vf x = load(row + (j + (size_t)s * LANES) * 4) - mean;
      squares[s] = fused(x, x, squares[s]);
    }
  for (size_t j = whole; j < l->d; j += LANES) {
    vi inside = lane_numbers() < (vi)(int32_t)(l->d - j);
    vf x = (vf)((vi)(load(row + j * 4) - mean) & inside);
    squares[0] = fused(x, x, squares[0]);
  }
#pragma clang loop unroll(full)
  for (int s = 1; s < SIDE; s++) squares[0] += squares[s];
  float variance = lanes_sum(squares[0]) / (float)l->d;
  return (ck_moments){mean, 1 / sqrtf(variance + l->epsilon)};
}

CK_INLINE vf normal(ck_moments m, const char *row, size_t j) { return (load(row + j * 4) - m.mean) * m.scale; }

CK_INLINE void layer_norm(enum type type, const ck_layer_norm *l) {
  for (size_t i = 0; i < l->m; i++) {
    char *row = (char *)l->rows + i * l->row_stride;
    ck_moments m = moments(l, row);
    for (size_t j = 0; j < ck_padded(l->d); j += LANES) {
      vf x = fused(normal(m, row, j), load(l->weight + j), load(l->bias + j));
      store(row + j * 4, x);
      if (l->out) store_element(type, (char *)l->out + i * l->out_stride + j * element_bytes(type), x);
    }
  }
}

static void layer_norm_f32(const ck_layer_norm *l) { layer_norm(F32, l); }
static void layer_norm_bf16(const ck_layer_norm *l) { layer_norm(BF16, l); }

static void layer_norm_i8(const ck_layer_norm *l, const ck_byte_affine *bytes) {
  for (size_t i = 0; i < l->m; i++) {
    char *row = (char *)l->rows + i * l->row_stride;
    uint8_t *out = (uint8_t *)l->out + i * l->out_stride;
    ck_moments m = moments(l, row);
    vf low = INFINITY, high = -INFINITY;
    for (size_t j = 0; j < ck_padded(l->d); j += LANES) {
      vf x = fused(normal(m, row, j), load(bytes->weight + j), load(bytes->bias + j));
      low = lanes_min(low, x);
      high = lanes_max(high, x);
    }
    ck_byte_range range = ck_byte_range_of(-lanes_highest(-low), lanes_highest(high));
    bytes->scales[i] = range.scale;
    bytes->zeros[i] = range.zero;
    for (size_t j = 0; j < ck_padded(l->d); j += LANES) {
      vf x = normal(m, row, j);
      store_bytes(out + j, fused(x, load(bytes->weight + j), load(bytes->bias + j)), range);
      store(row + j * 4, fused(x, load(l->weight + j), load(l->bias + j)));
    }
  }
}

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
    .layer_norm_i8 = layer_norm_i8,
    .quantize_bf16 = quantize_bf16,
    .embed_tokens = embed_tokens,
    .sum_rows = sum_rows,
};
