// Softmax attention of one head over one text, by the same tiles as the products: keys become panels of "weights" for the
// scores, values for the result.

/// LANES rows of LANES words, transposed by log2(LANES) perfect shuffles.
CK_INLINE void transpose(vu rows[LANES]) {
#pragma clang loop unroll(full)
  for (int stage = 1; stage < LANES; stage *= 2) {
    vu next[LANES];
#pragma clang loop unroll(full)
    for (int i = 0; i < LANES / 2; i++) {
      next[2 * i] = interleave_low(rows[i], rows[i + LANES / 2]);
      next[2 * i + 1] = interleave_high(rows[i], rows[i + LANES / 2]);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < LANES; i++) rows[i] = next[i];
  }
}

/// Keys beyond the text's end are zero up to the next multiple of 32.
CK_INLINE void pack_keys(const ck_attention *a, size_t cells, char *panels) {
  for (size_t key = 0; key < ck_padded(a->length); key += LANES)
    for (size_t c = 0; c < cells; c += LANES) {
      vu rows[LANES];
#pragma clang loop unroll(full)
      for (size_t i = 0; i < LANES; i++)
        rows[i] = key + i < a->length ? (vu)load((const char *)a->k + (key + i) * a->stride + c * 4) : (vu)0;
      transpose(rows);
      char *to = panels + (key / 32 * cells + c) * 128 + key % 32 * 4;
#pragma clang loop unroll(full)
      for (size_t i = 0; i < LANES; i++) store(to + i * 128, (vf)rows[i]);
    }
}

/// Panels of 32 columns of the values; a cell of bf16 holds two tokens, the last of which may be missing.
CK_INLINE void pack_values(enum type type, const ck_attention *a, size_t cells, char *panels) {
  for (size_t first = 0; first < a->width; first += CK_PANEL_COLUMNS)
    for (size_t c = 0; c < cells; c++, panels += 4 * CK_PANEL_COLUMNS) {
      if (type == F32) {
        const char *value = (const char *)a->v + c * a->stride + first * 4;
#pragma clang loop unroll(full)
        for (int j = 0; j < CK_PANEL_COLUMNS; j += LANES) store(panels + j * 4, load(value + j * 4));
      } else {
        const char *value = (const char *)a->v + 2 * c * a->stride + first * 2;
        int pair = 2 * c + 1 < a->length;
#pragma clang loop unroll(full)
        for (int j = 0; j < CK_PANEL_COLUMNS; j += 2 * LANES) {
          vu even = (vu)load(value + j * 2), odd = pair ? (vu)load(value + a->stride + j * 2) : (vu)0;
          vu low = (even & 0xffff) | (odd << 16), high = (even >> 16) | (odd & 0xffff0000u);
          store(panels + j * 4, (vf)interleave_low(low, high));
          store(panels + j * 4 + 4 * LANES, (vf)interleave_high(low, high));
        }
      }
    }
}

/// 2^x for x <= 0; 0 far below.
CK_INLINE vf power_of_two(enum type type, vf x) {
  static const float terms[] = CK_EXP2_TERMS, few[] = CK_EXP2_SHORT_TERMS;
  // Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the sum.
  vf shifted = lanes_max(x, (vf)-126) + 12582912.0f;
  vf fraction = lanes_max(x, (vf)-126) - (shifted - 12582912.0f);
  vf p = type == F32 ? polynomial(terms, 5, fraction) : polynomial(few, 3, fraction);
  return (vf)((vu)p + ((vu)shifted << 23));
}

/// Turns a row of scores into weights that are still to be divided by the returned sum; in place, as elements of `type`.
CK_INLINE float softmax(enum type type, char *scores, size_t length) {
  size_t vectors = (length + LANES - 1) / LANES;
  char *last = scores + (vectors - 1) * sizeof(vf);
  vi inside = lane_numbers() < (vi)(int32_t)(length - (vectors - 1) * LANES);
  vf lowest = -1e30f;
  store(last, (vf)(((vi)load(last) & inside) | ((vi)lowest & ~inside)));
  vf most = lowest;
  for (size_t v = 0; v < vectors; v++) most = lanes_max(most, load(scores + v * sizeof(vf)));
  vf top = lanes_highest(most), sum = 0;
  for (size_t v = 0; v < vectors; v++) {
    vf e = power_of_two(type, load(scores + v * sizeof(vf)) - top);
    sum += e;
    store_element(type, scores + v * LANES * element_bytes(type), e);
  }
  return lanes_sum(sum);
}

CK_INLINE void attend(enum type type, const ck_attention *a) {
  size_t q = type == F32 ? 1 : 2, key_cells = a->width / q, value_cells = (a->length + q - 1) / q;
  size_t stride = ck_score_stride(a->length);
  char *keys = a->scratch, *values = keys + ck_values_offset(a->length, a->width);
  char *scores = keys + ck_scores_offset(a->length, a->width);
  pack_keys(a, key_cells, keys);
  pack_values(type, a, value_cells, values);
  const char *queries = a->q;
  char *out = a->out;
  _Alignas(64) float sums[TILE_ROWS * CK_PANEL_COLUMNS];
  float factors[TILE_ROWS];
  ck_rows_cut cut = cut_rows(a->length);
  for (size_t t = 0; t < cut.count; t++) {
    size_t n = cut.height + (t < cut.higher);
    tile_kernel kernel = tiles[type][n];
    for (size_t key = 0; key < a->length; key += 32)
      kernel(queries, a->stride, keys + key * key_cells * 4, key_cells, scores + key * 4, stride, keys, 0);
    for (size_t i = 0; i < n; i++) factors[i] = 1 / softmax(type, scores + i * stride, a->length);
    for (size_t j = 0; j < a->width; j += CK_PANEL_COLUMNS) {
      kernel(scores, stride, values + j * value_cells * 4, value_cells, (char *)sums, 4 * CK_PANEL_COLUMNS, values, 0);
      for (size_t i = 0; i < n; i++)
#pragma clang loop unroll(full)
        for (int l = 0; l < CK_PANEL_COLUMNS; l += LANES)
          store_element(type, out + i * a->out_stride + (j + (size_t)l) * element_bytes(type),
                        load(sums + i * CK_PANEL_COLUMNS + l) * factors[i]);
    }
    queries += n * a->stride;
    out += n * a->out_stride;
  }
}

static void attention_f32(const ck_attention *a) { attend(F32, a); }
static void attention_bf16(const ck_attention *a) { attend(BF16, a); }
