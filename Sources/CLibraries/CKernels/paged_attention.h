// Paged attention, in vectors of LANES words. Two passes over each span of 64 tokens, which stays in the first cache between
// them: the scores of a few query rows, their softmax, and the values weighted by it.

enum { UNIT_VECTORS = CK_PAGED_UNIT / LANES, SPAN_VECTORS = CK_PAGED_SPAN / LANES };

/// Where the keys and values of a span lie: keys by units of 16 tokens, values by halves of those.
typedef struct {
  const char *keys[CK_PAGED_SPAN_UNITS];
  const char *values[2 * CK_PAGED_SPAN_UNITS];
} span_units;

/// 2^x for x <= 0; 0 far below.
CK_INLINE vf paged_power(int degree, const float *terms, vf x) {
  vf c = lanes_max(x, (vf)-126);
  // Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the sum.
  vf shifted = c + 12582912.0f;
  vf fraction = c - (shifted - 12582912.0f);
  vf y = terms[degree];
#pragma clang loop unroll(full)
  for (int i = degree - 1; i >= 0; i--) y = fused(y, fraction, (vf)terms[i]);
  vi power = (vi)((vu)y + ((vu)shifted << 23));
  return (vf)(power & (x > (vf)-126));
}

/// Weights, which are rounded to bf16 anyway.
CK_INLINE vf weight_power(vf x) {
  static const float terms[] = CK_EXP2_SHORT_TERMS;
  return paged_power(3, terms, x);
}

CK_INLINE float factor_power(float x) {
  static const float terms[] = CK_EXP2_TERMS;
  return paged_power(5, terms, (vf)x)[0];
}

/// scores[i][t] = query i . key t for `rows` rows and `units` units; fetches a line of `ahead` with every line it reads.
CK_INLINE void score(int rows, int units, const char *queries, size_t stride, const char *const *keys, size_t pairs,
                     const char *const *ahead, float *scores) {
  vf sums[PAGED_ROWS][PAGED_UNITS][UNIT_VECTORS];
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int u = 0; u < units; u++)
#pragma clang loop unroll(full)
      for (int v = 0; v < UNIT_VECTORS; v++) sums[i][u][v] = 0;
  for (size_t p = 0; p < pairs; p++) {
    vu key[PAGED_UNITS][UNIT_VECTORS];
#pragma clang loop unroll(full)
    for (int u = 0; u < units; u++) {
      __builtin_prefetch(ahead[u] + p * 64, 0, 3);
#pragma clang loop unroll(full)
      for (int v = 0; v < UNIT_VECTORS; v++) key[u][v] = (vu)load(keys[u] + p * 64 + v * 4 * LANES);
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < rows; i++) {
      vu query = broadcast(queries + (size_t)i * stride + p * 4);
#pragma clang loop unroll(full)
      for (int u = 0; u < units; u++)
#pragma clang loop unroll(full)
        for (int v = 0; v < UNIT_VECTORS; v++) sums[i][u][v] = lanes_dot_bf16(sums[i][u][v], key[u][v], query);
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int u = 0; u < units; u++)
#pragma clang loop unroll(full)
      for (int v = 0; v < UNIT_VECTORS; v++)
        store(scores + i * CK_PAGED_SPAN + u * CK_PAGED_UNIT + v * LANES, sums[i][u][v]);
}

/// states[i] = states[i] * factors[i] + the sum of weights[i][t] * value t, for `vectors` vectors of columns and the first
/// `halves` halves of units.
CK_INLINE void weigh(int rows, int vectors, const char *weights, const char *const *values, size_t halves, size_t width,
                     size_t column, const char *const *ahead, const float *factors, float *states) {
  vf sums[PAGED_ROWS][PAGED_COLUMNS];
  size_t stride = ck_paged_state(width);
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++)
      sums[i][v] = load(states + (size_t)i * stride + column + v * LANES) * factors[i];
  for (size_t h = 0; h < halves; h++) {
    const char *value = values[h] + column * 4, *next = ahead[h] + column * 4, *weight = weights + h * 16;
#pragma clang loop unroll(full)
    for (int pair = 0; pair < 4; pair++, value += width * 4, next += width * 4, weight += 4) {
      vu columns[PAGED_COLUMNS];
#pragma clang loop unroll(full)
      for (int v = 0; v < vectors; v++) {
        if (v * LANES % 16 == 0) __builtin_prefetch(next + v * 4 * LANES, 0, 3);
        columns[v] = (vu)load(value + v * 4 * LANES);
      }
#pragma clang loop unroll(full)
      for (int i = 0; i < rows; i++) {
        vu w = broadcast(weight + i * CK_PAGED_SPAN * 2);
#pragma clang loop unroll(full)
        for (int v = 0; v < vectors; v++) sums[i][v] = lanes_dot_bf16(sums[i][v], columns[v], w);
      }
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < rows; i++)
#pragma clang loop unroll(full)
    for (int v = 0; v < vectors; v++) store(states + (size_t)i * stride + column + v * LANES, sums[i][v]);
}

/// Turns the first `count` scores into weights in bf16, the others into 0; returns by what sums of earlier spans shrink.
CK_INLINE float soften(const float *scores, size_t count, float *state, char *weights) {
  vf s[SPAN_VECTORS], lowest = CK_PAGED_LOWEST, most = lowest;
#pragma clang loop unroll(full)
  for (int v = 0; v < SPAN_VECTORS; v++) s[v] = load(scores + v * LANES);
  if (count < CK_PAGED_SPAN) {
#pragma clang loop unroll(full)
    for (int v = 0; v < SPAN_VECTORS; v++) {
      vi inside = lane_numbers() < (vi)((int32_t)count - v * LANES);
      s[v] = (vf)(((vi)s[v] & inside) | ((vi)lowest & ~inside));
    }
  }
#pragma clang loop unroll(full)
  for (int v = 0; v < SPAN_VECTORS; v++) most = lanes_max(most, s[v]);
  float before = state[0], highest = lanes_highest(most);
  float top = highest > before ? highest : before;
  vf sums[SPAN_VECTORS];
#pragma clang loop unroll(full)
  for (int v = 0; v < SPAN_VECTORS; v++) {
    sums[v] = weight_power(s[v] - top);
    lanes_store_bf16(weights + v * 2 * LANES, sums[v]);
  }
#pragma clang loop unroll(full)
  for (int step = 1; step < SPAN_VECTORS; step *= 2)
#pragma clang loop unroll(full)
    for (int v = 0; v < SPAN_VECTORS; v += 2 * step) sums[v] += sums[v + step];
  float factor = factor_power(before - top);
  state[0] = top;
  state[1] = state[1] * factor + lanes_sum(sums[0]);
  return factor;
}

/// A few rows, of which row 0 stands at `row`, over the span at `first`.
CK_INLINE void attend_rows(int rows, const ck_paged_attention *a, size_t row, size_t first, const span_units *span,
                           const span_units *ahead) {
  _Alignas(64) float scores[PAGED_ROWS * CK_PAGED_SPAN];
  _Alignas(64) char weights[PAGED_ROWS * CK_PAGED_SPAN * 2];
  float factors[PAGED_ROWS];
  size_t width = a->heads.width, stride = ck_paged_state(width);
  const char *queries = (const char *)(a->queries + row * width);
  float *states = a->states + row * stride;
  size_t count = ck_paged_limit(a, row + (size_t)rows - 1) - first;
  if (count > CK_PAGED_SPAN) count = CK_PAGED_SPAN;
  size_t units = (count + CK_PAGED_UNIT - 1) / CK_PAGED_UNIT, u = 0;
#pragma clang loop unroll(full)
  for (int together = PAGED_UNITS; together > 0; together /= 2)
    for (; u + (size_t)together <= units; u += (size_t)together)
      score(rows, together, queries, width * 2, span->keys + u, width / 2, ahead->keys + u, scores + u * CK_PAGED_UNIT);
  for (int i = 0; i < rows; i++) {
    size_t sees = ck_paged_limit(a, row + (size_t)i) - first;
    factors[i] = soften(scores + i * CK_PAGED_SPAN, sees < CK_PAGED_SPAN ? sees : CK_PAGED_SPAN,
                        states + (size_t)i * stride + width, weights + i * CK_PAGED_SPAN * 2);
  }
  size_t halves = (count + CK_PAGED_UNIT / 2 - 1) / (CK_PAGED_UNIT / 2), column = 0;
#pragma clang loop unroll(full)
  for (int together = PAGED_COLUMNS; together > 0; together /= 2)
    for (; column + (size_t)(together * LANES) <= width; column += (size_t)(together * LANES))
      weigh(rows, together, weights, span->values, halves, width, column, ahead->values, factors, states);
}

#define ATTEND(N)                                                                                                  \
  static void attend_##N(const ck_paged_attention *a, size_t row, size_t first, const span_units *span,            \
                         const span_units *ahead) {                                                                \
    attend_rows(N, a, row, first, span, ahead);                                                                    \
  }
ATTEND(1) ATTEND(2) ATTEND(3)
#if PAGED_ROWS == 6
ATTEND(4) ATTEND(5) ATTEND(6)
#endif
typedef void (*rows_kernel)(const ck_paged_attention *a, size_t row, size_t first, const span_units *span,
                            const span_units *ahead);
static const rows_kernel row_kernels[PAGED_ROWS + 1] = {
    NULL, attend_1, attend_2, attend_3,
#if PAGED_ROWS == 6
    attend_4, attend_5, attend_6,
#endif
};

/// Units that the span does not reach are those of its first token: read, perhaps, and given no weight.
static void find_span(const ck_paged_attention *a, size_t first, size_t end, span_units *span) {
  const ck_paged_heads *h = &a->heads;
  size_t key_bytes = 2 * CK_PAGED_UNIT * h->width;
#pragma clang loop unroll(full)
  for (size_t u = 0; u < CK_PAGED_SPAN_UNITS; u++) {
    size_t token = first + u * CK_PAGED_UNIT;
    const char *unit = ck_paged_unit_of(h, a->table, token < end ? token : first);
    span->keys[u] = unit;
    span->values[2 * u] = unit + key_bytes;
    span->values[2 * u + 1] = unit + key_bytes + key_bytes / 2;
  }
}

/// The same for blocks of 8 tokens: two by two their keys are brought together in `joined`.
static void join_span(const ck_paged_attention *a, size_t first, size_t end, span_units *span, char *joined) {
  const ck_paged_heads *h = &a->heads;
  for (size_t u = 0; u < CK_PAGED_SPAN_UNITS; u++) {
    char *keys = joined + u * 2 * CK_PAGED_UNIT * h->width;
    for (size_t half = 0; half < 2; half++) {
      size_t token = first + u * CK_PAGED_UNIT + half * 8;
      const char *unit = ck_paged_unit_of(h, a->table, token < end ? token : first);
      for (size_t p = 0; p < h->width / 2; p++) memcpy(keys + p * 64 + half * 32, unit + p * 32, 32);
      span->values[2 * u + half] = unit + 16 * h->width;
    }
    span->keys[u] = keys;
  }
}

static void merge(float *totals, const float *states, size_t rows, size_t width) {
  size_t stride = ck_paged_state(width);
  for (size_t i = 0; i < rows; i++, totals += stride, states += stride) {
    float top = totals[width] > states[width] ? totals[width] : states[width];
    float before = factor_power(totals[width] - top), now = factor_power(states[width] - top);
    for (size_t j = 0; j < width; j += LANES)
      store(totals + j, fused(load(totals + j), (vf)before, load(states + j) * now));
    totals[width] = top;
    totals[width + 1] = totals[width + 1] * before + states[width + 1] * now;
  }
}

static void clear(float *states, size_t rows, size_t width) {
  size_t stride = ck_paged_state(width);
  for (size_t i = 0; i < rows; i++, states += stride) {
    memset(states, 0, stride * sizeof *states);
    states[width] = CK_PAGED_LOWEST;
  }
}

static void finish(const float *states, size_t rows, size_t width, size_t group, float *out, size_t out_stride) {
  size_t stride = ck_paged_state(width);
  for (size_t i = 0; i < rows; i++, states += stride) {
    float *to = out + i / group * out_stride + i % group * width, share = 1 / states[width + 1];
    for (size_t j = 0; j < width; j += LANES) store(to + j, load(states + j) * share);
  }
}

static void attend(const ck_paged_attention *a) {
  size_t width = a->heads.width, stride = ck_paged_state(width);
  size_t end = a->rows ? ck_paged_limit(a, a->rows - 1) : 0;
  int eights = a->heads.block_size < CK_PAGED_UNIT;
  _Alignas(64) char joined[CK_PAGED_SPAN * 2 * CK_PAGED_WIDEST];
  span_units spans[2];
  if (!eights && a->first < end) find_span(a, a->first, end, &spans[0]);
  for (size_t first = a->first, turn = 0; first < end; first += CK_PAGED_SPAN, turn = 1 - turn) {
    size_t row = ck_paged_first_row(a, first);
    if (a->totals && first % CK_PAGED_PART == 0 && first > 0) {
      merge(a->totals + row * stride, a->states + row * stride, a->rows - row, width);
      clear(a->states + row * stride, a->rows - row, width);
    }
    span_units *span = &spans[turn], *ahead = &spans[1 - turn];
    if (eights) {
      join_span(a, first, end, span, joined);
      ahead = span;
    } else if (first + CK_PAGED_SPAN < end) {
      find_span(a, first + CK_PAGED_SPAN, end, ahead);
    } else if (a->next && a->next->rows) {
      find_span(a->next, a->next->first, ck_paged_limit(a->next, a->next->rows - 1), ahead);
    } else {
      ahead = span;
    }
    size_t count = a->rows - row, tiles = (count + PAGED_ROWS - 1) / PAGED_ROWS;
    for (size_t t = 0; t < tiles; t++) {
      size_t rows = count / tiles + (t < count % tiles);
      row_kernels[rows](a, row, first, span, t == 0 ? ahead : span);
      row += rows;
    }
  }
}
