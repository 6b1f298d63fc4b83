// How queries, keys and values leave the projections; and the table of the implementation that includes this. Written in
// vectors of eight, since heads are multiples of 16 wide.

typedef float vf8 __attribute__((ext_vector_type(8)));
typedef uint32_t vu8 __attribute__((ext_vector_type(8)));

CK_INLINE vf8 load8(const float *from) {
  vf8 x;
  memcpy(&x, from, sizeof x);
  return x;
}

/// bf16 in the low halves.
CK_INLINE vu8 rounded8(vf8 x) {
  vu8 bits = (vu8)x;
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}

/// Eight pairs of dimensions from pair `p` on.
CK_INLINE void load_pairs(const ck_paged_store *s, const float *head, size_t p, vf8 *first, vf8 *second) {
  if (s->halves) {
    *first = load8(head + p);
    *second = load8(head + s->width / 2 + p);
  } else {
    vf8 low = load8(head + 2 * p), high = load8(head + 2 * p + 8);
    *first = __builtin_shufflevector(low, high, 0, 2, 4, 6, 8, 10, 12, 14);
    *second = __builtin_shufflevector(low, high, 1, 3, 5, 7, 9, 11, 13, 15);
  }
}

/// The pairs of a head, turned, each as two bf16 in a word.
CK_INLINE void turn(const ck_paged_store *s, const float *head, size_t row, float scale, uint32_t *out) {
  size_t half = s->width / 2;
  for (size_t p = 0; p < half; p += 8) {
    vf8 first, second;
    load_pairs(s, head, p, &first, &second);
    vf8 cosine = load8(s->cosines + row * half + p), sine = load8(s->sines + row * half + p);
    vf8 x = (first * cosine - second * sine) * scale, y = (first * sine + second * cosine) * scale;
    vu8 words = rounded8(x) | (rounded8(y) << 16);
    memcpy(out + p, &words, sizeof words);
  }
}

static void store_rows(const ck_paged_store *s) {
  size_t width = s->width, key_columns = s->group * s->heads * width, value_columns = key_columns + s->heads * width;
  uint32_t pairs[CK_PAGED_WIDEST / 2];
  for (size_t i = 0; i < s->count; i++) {
    const float *row = s->rows + i * s->stride;
    for (size_t h = 0; h < s->heads * s->group; h++) {
      uint16_t *to = s->queries + ((h / s->group * s->query_rows) + i * s->group + h % s->group) * width;
      turn(s, row + h * width, i, s->scale, (uint32_t *)to);
    }
    size_t place = s->places[i];
    for (size_t h = 0; h < s->heads; h++) {
      char *unit = s->cache + s->units[i] + h * s->head_bytes;
      turn(s, row + key_columns + h * width, i, 1, pairs);
      uint32_t *keys = (uint32_t *)unit + place;
      for (size_t p = 0; p < width / 2; p++) keys[p * s->unit] = pairs[p];
      uint32_t *values = (uint32_t *)(unit + 2 * s->unit * width) + place / 2 * width;
      for (size_t j = 0; j < width; j += 8) {
        vu8 words = rounded8(load8(row + value_columns + h * width + j)), before;
        memcpy(&before, values + j, sizeof before);
        words = place % 2 ? (before & 0xffff) | (words << 16) : (before & 0xffff0000u) | words;
        memcpy(values + j, &words, sizeof words);
      }
    }
  }
}

/// Two sums run side by side, so that neither waits for the addition before.
static void rms_norm(const float *row, const float *weight, size_t width, float epsilon, float *out) {
  vf sums[2] = {0, 0};
  for (size_t j = 0; j < width; j += 32)
#pragma clang loop unroll(full)
    for (size_t v = 0; v < 32; v += LANES) {
      vf x = load(row + j + v);
      sums[v / LANES % 2] = fused(x, x, sums[v / LANES % 2]);
    }
  vf scale = 1 / sqrtf(lanes_sum(sums[0] + sums[1]) / (float)width + epsilon);
  for (size_t j = 0; j < width; j += LANES) store(out + j, load(row + j) * scale * load(weight + j));
}

const ck_paged_kernels PAGED_TABLE = {
    .name = PAGED_NAME,
    .clear = clear,
    .attend = attend,
    .merge = merge,
    .finish = finish,
    .store = store_rows,
    .rms_norm = rms_norm,
};
