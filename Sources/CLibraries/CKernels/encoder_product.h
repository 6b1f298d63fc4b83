// Matrix products. Panels of weights outside, tiles of rows inside: a panel stays in the first caches while every row
// passes over it. A tile keeps TILE_ROWS x TILE_VECTORS sums in registers over the whole of k; its rows are broadcast from
// where they lie, so that nothing but the weights is ever packed.

CK_INLINE vf multiply(enum type type, vf sum, vu weights, vu row) {
  if (type == F32) return fused((vf)weights, (vf)row, sum);
  if (type == BF16) return lanes_dot_bf16(sum, weights, row);
  return (vf)lanes_dot_i8((vi)sum, weights, row);
}

/// n rows by one panel: out[n][32] of sums, float or int32. With every cell it fetches a line from `ahead`, which moves on by
/// `step` bytes: panels come from the third-level cache or from memory, and waiting for them would cost a tenth of the time.
CK_INLINE void tile(enum type type, int n, const char *rows, size_t row_stride, const char *panel, size_t cells,
                    char *out, size_t out_stride, const char *ahead, size_t step) {
  for (int part = 0; part < CK_PANEL_COLUMNS; part += TILE_VECTORS * LANES) {
    vf sums[TILE_ROWS][TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++)
#pragma clang loop unroll(full)
      for (int v = 0; v < TILE_VECTORS; v++) sums[i][v] = 0;
    const char *row = rows, *cell = panel + part * 4;
    for (size_t c = 0; c < cells; c++, row += 4, cell += 4 * CK_PANEL_COLUMNS, ahead += step) {
      __builtin_prefetch(ahead, 0, 3);
      vu weights[TILE_VECTORS];
#pragma clang loop unroll(full)
      for (int v = 0; v < TILE_VECTORS; v++) weights[v] = (vu)load(cell + v * 4 * LANES);
#pragma clang loop unroll(full)
      for (int i = 0; i < n; i++) {
        vu x = broadcast(row + (size_t)i * row_stride);
#pragma clang loop unroll(full)
        for (int v = 0; v < TILE_VECTORS; v++) sums[i][v] = multiply(type, sums[i][v], weights[v], x);
      }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++)
#pragma clang loop unroll(full)
      for (int v = 0; v < TILE_VECTORS; v++) store(out + (size_t)i * out_stride + (part + v * LANES) * 4, sums[i][v]);
  }
}

typedef void (*tile_kernel)(const char *rows, size_t row_stride, const char *panel, size_t cells, char *out,
                            size_t out_stride, const char *ahead, size_t step);

#define TILE(TYPE, N)                                                                                          \
  static void TYPE##_##N(const char *rows, size_t row_stride, const char *panel, size_t cells, char *out,      \
                         size_t out_stride, const char *ahead, size_t step) {                                  \
    tile(TYPE, N, rows, row_stride, panel, cells, out, out_stride, ahead, step);                               \
  }
#define TILES_TO_6(TYPE) TILE(TYPE, 1) TILE(TYPE, 2) TILE(TYPE, 3) TILE(TYPE, 4) TILE(TYPE, 5) TILE(TYPE, 6)
#define NAMES_TO_6(TYPE) NULL, TYPE##_1, TYPE##_2, TYPE##_3, TYPE##_4, TYPE##_5, TYPE##_6
#if TILE_ROWS == 14
#define TILES(TYPE)                                                                                           \
  TILES_TO_6(TYPE)                                                                                            \
  TILE(TYPE, 7) TILE(TYPE, 8) TILE(TYPE, 9) TILE(TYPE, 10) TILE(TYPE, 11) TILE(TYPE, 12) TILE(TYPE, 13)       \
  TILE(TYPE, 14)
#define NAMES(TYPE)                                                                                       \
  NAMES_TO_6(TYPE), TYPE##_7, TYPE##_8, TYPE##_9, TYPE##_10, TYPE##_11, TYPE##_12, TYPE##_13, TYPE##_14
#else
#define TILES(TYPE) TILES_TO_6(TYPE)
#define NAMES(TYPE) NAMES_TO_6(TYPE)
#endif

TILES(F32)
TILES(BF16)
TILES(I8)
static const tile_kernel tiles[3][TILE_ROWS + 1] = {{NAMES(F32)}, {NAMES(BF16)}, {NAMES(I8)}};

/// Cuts m rows into tiles whose heights differ by at most one, so that none is left with too little to do.
typedef struct {
  size_t count, height, higher;  ///< the first `higher` tiles have one row more
} ck_rows_cut;

CK_INLINE ck_rows_cut cut_rows(size_t m) {
  size_t count = (m + TILE_ROWS - 1) / TILE_ROWS;
  return count ? (ck_rows_cut){count, m / count, m % count} : (ck_rows_cut){0, 0, 0};
}

CK_INLINE vf polynomial(const float *terms, int degree, vf x) {
  vf y = terms[degree];
#pragma clang loop unroll(full)
  for (int i = degree - 1; i >= 0; i--) y = fused(y, x, (vf)terms[i]);
  return y;
}

CK_INLINE vf gelu(enum type type, vf x) {
  static const float terms[] = CK_GELU_TERMS, few[] = CK_GELU_SHORT_TERMS;
  float bound = type == F32 ? CK_GELU_BOUND : CK_GELU_SHORT_BOUND;
  vf c = lanes_min(lanes_max(x, (vf)-bound), (vf)bound);
  vf t = fused(c * c, (vf)(2 / (bound * bound)), (vf)-1);
  vf p = type == F32 ? polynomial(terms, 13, t) : polynomial(few, 8, t);
  return x * fused(c, p, (vf)0.5f);
}

CK_INLINE void store_element(enum type type, char *to, vf x) {
  if (type == F32)
    store(to, x);
  else
    lanes_store_bf16(to, x);
}

/// Bias, epilogue and store of n x 32 float sums.
CK_INLINE void finish(enum type type, ck_epilogue epilogue, size_t n, const float *sums, const float *bias, char *out,
                      size_t out_stride) {
  for (size_t i = 0; i < n; i++, sums += CK_PANEL_COLUMNS, out += out_stride)
#pragma clang loop unroll(full)
    for (int j = 0; j < CK_PANEL_COLUMNS; j += LANES) {
      vf x = load(sums + j) + load(bias + j);
      if (epilogue == CK_BIAS_GELU) x = gelu(type, x);
      if (epilogue == CK_BIAS_ADD)
        store(out + j * 4, x + load(out + j * 4));
      else
        store_element(type, out + j * element_bytes(type), x);
    }
}

/// What each tile fetches of the next panel, in bytes for every cell that it computes.
CK_INLINE size_t fetch_step(ck_rows_cut cut) {
  return cut.count ? (4 * CK_PANEL_COLUMNS + cut.count - 1) / cut.count : 0;
}

CK_INLINE void float_product(enum type type, ck_epilogue epilogue, const ck_product *p) {
  size_t cells = p->k / (type == F32 ? 1 : 2), width = epilogue == CK_BIAS_ADD ? 4 : element_bytes(type);
  ck_rows_cut cut = cut_rows(p->m);
  size_t step = fetch_step(cut);
  _Alignas(64) float sums[TILE_ROWS * CK_PANEL_COLUMNS];
  for (size_t j = 0; j < p->n; j += CK_PANEL_COLUMNS) {
    const char *panel = (const char *)p->panels + j * cells * 4, *rows = p->rows;
    const char *ahead = panel + cells * 4 * CK_PANEL_COLUMNS;
    char *out = (char *)p->out + j * width;
    for (size_t t = 0; t < cut.count; t++) {
      size_t n = cut.height + (t < cut.higher);
      tiles[type][n](rows, p->row_stride, panel, cells, (char *)sums, 4 * CK_PANEL_COLUMNS, ahead, step);
      ahead += cells * step;
      finish(type, epilogue, n, sums, p->bias + j, out, p->out_stride);
      rows += n * p->row_stride;
      out += n * p->out_stride;
    }
  }
}

/// Turns one group's integer sums into float and adds them up.
CK_INLINE void scale(size_t n, const int32_t *dots, const float *row_scales, const float *row_zeros, size_t groups,
                     const float *column_scales, const float *column_sums, int first, float *sums) {
  for (size_t i = 0; i < n; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < CK_PANEL_COLUMNS; j += LANES) {
      vi dot = (vi)load(dots + i * CK_PANEL_COLUMNS + j);
      vf x = __builtin_convertvector(dot, vf) * load(column_scales + j);
      x = fused((vf)-row_zeros[i * groups], load(column_sums + j), x) * (vf)row_scales[i * groups];
      float *sum = sums + i * CK_PANEL_COLUMNS + j;
      store(sum, first ? x : x + load(sum));
    }
}

CK_INLINE void byte_product(ck_epilogue epilogue, const ck_product *p, const ck_byte_scales *s) {
  size_t width = epilogue == CK_BIAS_ADD ? 4 : 2, group = p->k / s->groups;
  ck_rows_cut cut = cut_rows(p->m);
  size_t step = fetch_step(cut);
  _Alignas(64) int32_t dots[TILE_ROWS * CK_PANEL_COLUMNS];
  _Alignas(64) float sums[TILE_ROWS * CK_PANEL_COLUMNS];
  for (size_t j = 0; j < p->n; j += CK_PANEL_COLUMNS) {
    const char *panel = (const char *)p->panels + j * p->k, *rows = p->rows;
    const char *ahead = panel + p->k * CK_PANEL_COLUMNS;
    const float *row_scales = s->row_scales, *row_zeros = s->row_zeros;
    char *out = (char *)p->out + j * width;
    for (size_t t = 0; t < cut.count; t++) {
      size_t n = cut.height + (t < cut.higher);
      for (size_t g = 0; g < s->groups; g++) {
        tiles[I8][n](rows + g * group, p->row_stride, panel + g * group * CK_PANEL_COLUMNS, group / 4, (char *)dots,
                     4 * CK_PANEL_COLUMNS, ahead, step);
        ahead += group / 4 * step;
        scale(n, dots, row_scales + g, row_zeros + g, s->groups, s->column_scales + g * p->n + j,
              s->column_sums + g * p->n + j, g == 0, sums);
      }
      finish(BF16, epilogue, n, sums, p->bias + j, out, p->out_stride);
      rows += n * p->row_stride;
      row_scales += n * s->groups;
      row_zeros += n * s->groups;
      out += n * p->out_stride;
    }
  }
}

#define WITH_EPILOGUE(CALL)                                                 \
  switch (epilogue) {                                                       \
    case CK_BIAS: { enum { E = CK_BIAS }; CALL; break; }                    \
    case CK_BIAS_GELU: { enum { E = CK_BIAS_GELU }; CALL; break; }          \
    case CK_BIAS_ADD: { enum { E = CK_BIAS_ADD }; CALL; break; }            \
  }

static void product_f32(const ck_product *p, ck_epilogue epilogue) {
  WITH_EPILOGUE(float_product(F32, (ck_epilogue)E, p))
}

static void product_bf16(const ck_product *p, ck_epilogue epilogue) {
  WITH_EPILOGUE(float_product(BF16, (ck_epilogue)E, p))
}

static void product_i8(const ck_product *p, const ck_byte_scales *scales, ck_epilogue epilogue) {
  WITH_EPILOGUE(byte_product((ck_epilogue)E, p, scales))
}
