// Linear layers. Tiles of weights outside, groups of tokens inside: a tile stays in the first cache while every token passes
// over it. A group keeps its sums of TILE_VECTORS x LANES rows in registers over all columns; inputs are broadcast from where
// they lie, four bytes or one float at a time.

enum { GROUP_VECTORS = TILE_VECTORS };

/// Half-precision or bfloat16 lanes as float; and whole floats.
CK_INLINE vf widened(ck_cell_format format, const char *from) {
  if (format == CK_F32) return load(from);
  if (format == CK_F16) return lanes_from_half(from);
  uint16_t __attribute__((ext_vector_type(LANES))) halves;
  memcpy(&halves, from, sizeof halves);
  return (vf)(__builtin_convertvector(halves, vu) << 16);
}

CK_INLINE vu words(const char *from) { return (vu)load(from); }

/// The upper bits of a step's weights, above their nibbles.
CK_INLINE vu upper_bits(ck_cell_format format, const char *upper, int step) {
  if (format == CK_U5) {
    vu plane = words(upper);
    return (step < 4 ? plane << (4 - step) : plane >> (step - 4)) & 0x10101010;
  }
  if (format == CK_U6) {
    vu plane = words(upper + step / 4 * CK_STEP_BYTES);
    return (step % 4 < 2 ? plane << (4 - 2 * (step % 4)) : plane >> (2 * (step % 4) - 4)) & 0x30303030;
  }
  return 0;
}

/// Four weights of every row of a vector, as unsigned bytes.
CK_INLINE vu step_weights(ck_cell_format format, const char *cell, int step) {
  if (format == CK_U8) return words(cell + step * CK_STEP_BYTES);
  vu nibbles = words(cell + step % 4 * CK_STEP_BYTES);
  return ((step < 4 ? nibbles : nibbles >> 4) & 0x0f0f0f0f) | upper_bits(format, cell + 4 * CK_STEP_BYTES, step);
}

/// What a sum of products with biased bytes begins with: U4 and U5 have minima instead.
CK_INLINE vi first_sum(ck_cell_format format, const ck_input_block *in, int half) {
  if (format == CK_U8) return (vi)in->byte_offset;
  if (format == CK_U6) return (vi)(half == 0 ? in->first_offset : in->byte_offset / 4 - in->first_offset);
  return 0;
}

/// Adds to the sums of n tokens what 32 inputs contribute; `rows` is the number of the first row of the vectors.
CK_INLINE void block(ck_cell_format format, int n, const char *in, size_t in_stride, const char *cell, int row,
                     vf sums[GROUP_TOKENS][GROUP_VECTORS]) {
  const int parts = format == CK_U6 ? 2 : 1, steps = CK_STEPS / parts;
  const char *lanes = cell + 4 * row, *halves = cell + ck_scales_offset(format) + 2 * row;
#pragma clang loop unroll(full)
  for (int part = 0; part < parts; part++) {
    vi dots[GROUP_TOKENS][GROUP_VECTORS];
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++)
#pragma clang loop unroll(full)
      for (int v = 0; v < GROUP_VECTORS; v++)
        dots[i][v] = first_sum(format, (const ck_input_block *)(in + (size_t)i * in_stride), part);
#pragma clang loop unroll(full)
    for (int s = 0; s < steps; s++) {
      // Low and high nibbles of the same bytes one after the other, so that they are loaded once.
      int step = format == CK_U8 || format == CK_U6 ? part * steps + s : s % 2 * 4 + s / 2;
      vu weights[GROUP_VECTORS];
#pragma clang loop unroll(full)
      for (int v = 0; v < GROUP_VECTORS; v++) weights[v] = step_weights(format, lanes + v * 4 * LANES, step);
#pragma clang loop unroll(full)
      for (int i = 0; i < n; i++) {
        vu x = broadcast(in + (size_t)i * in_stride + 4 * step);
#pragma clang loop unroll(full)
        for (int v = 0; v < GROUP_VECTORS; v++) dots[i][v] = lanes_dot(format, dots[i][v], weights[v], x);
      }
    }
#pragma clang loop unroll(full)
    for (int v = 0; v < GROUP_VECTORS; v++) {
      vf scale = lanes_from_half(halves + part * CK_HALVES_BYTES + 2 * v * LANES), minimum = 0;
      if (format == CK_U4 || format == CK_U5) minimum = lanes_from_half(halves + CK_HALVES_BYTES + 2 * v * LANES);
#pragma clang loop unroll(full)
      for (int i = 0; i < n; i++) {
        const ck_input_block *x = (const ck_input_block *)(in + (size_t)i * in_stride);
        if (format == CK_U4 || format == CK_U5) sums[i][v] = fused(minimum, (vf)x->sum, sums[i][v]);
        sums[i][v] = fused(__builtin_convertvector(dots[i][v], vf), scale * (vf)x->scale, sums[i][v]);
      }
    }
  }
}

/// One input of floating-point weights.
CK_INLINE void element(ck_cell_format format, int n, const char *in, size_t in_stride, const char *cell, int row,
                       vf sums[GROUP_TOKENS][GROUP_VECTORS]) {
  const char *lanes = cell + ck_cell_bytes(format) / CK_TILE_ROWS * (size_t)row;
  vf weights[GROUP_VECTORS];
#pragma clang loop unroll(full)
  for (int v = 0; v < GROUP_VECTORS; v++)
    weights[v] = widened(format, lanes + ck_cell_bytes(format) / CK_TILE_ROWS * LANES * (size_t)v);
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) {
    vf x = (vf)broadcast(in + (size_t)i * in_stride);
#pragma clang loop unroll(full)
    for (int v = 0; v < GROUP_VECTORS; v++) sums[i][v] = fused(weights[v], x, sums[i][v]);
  }
}

/// n tokens by one tile: sums[n][32]. With every cell it fetches `lines` cache lines from `ahead` on.
CK_INLINE void tile(ck_cell_format format, int n, const char *in, size_t in_stride, const char *cell, size_t cells,
                    float *out, const char *ahead, size_t lines) {
#pragma clang loop unroll(full)
  for (int row = 0; row < CK_TILE_ROWS; row += GROUP_VECTORS * LANES) {
    vf sums[GROUP_TOKENS][GROUP_VECTORS];
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++)
#pragma clang loop unroll(full)
      for (int v = 0; v < GROUP_VECTORS; v++) sums[i][v] = 0;
    const char *x = in, *w = cell;
    for (size_t c = 0; c < cells; c++, w += ck_cell_bytes(format)) {
      if (row == 0)
        for (size_t line = 0; line < lines; line++, ahead += 64) __builtin_prefetch(ahead, 0, 3);
      if (ck_is_float(format)) {
        element(format, n, x, in_stride, w, row, sums);
        x += sizeof(float);
      } else {
        block(format, n, x, in_stride, w, row, sums);
        x += sizeof(ck_input_block);
      }
    }
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++)
#pragma clang loop unroll(full)
      for (int v = 0; v < GROUP_VECTORS; v++) store(out + i * CK_TILE_ROWS + row + v * LANES, sums[i][v]);
  }
}

typedef void (*tile_kernel)(const char *in, size_t in_stride, const char *cell, size_t cells, float *out,
                            const char *ahead, size_t lines);

#define TILE(FORMAT, N)                                                                                       \
  static void FORMAT##_##N(const char *in, size_t in_stride, const char *cell, size_t cells, float *out,      \
                           const char *ahead, size_t lines) {                                                 \
    tile(CK_##FORMAT, N, in, in_stride, cell, cells, out, ahead, lines);                                      \
  }
#if GROUP_TOKENS == 6
#define TILES(FORMAT) \
  TILE(FORMAT, 1) TILE(FORMAT, 2) TILE(FORMAT, 3) TILE(FORMAT, 4) TILE(FORMAT, 5) TILE(FORMAT, 6)
#define NAMES(FORMAT) {NULL, FORMAT##_1, FORMAT##_2, FORMAT##_3, FORMAT##_4, FORMAT##_5, FORMAT##_6}
#else
#define TILES(FORMAT) TILE(FORMAT, 1) TILE(FORMAT, 2) TILE(FORMAT, 3)
#define NAMES(FORMAT) {NULL, FORMAT##_1, FORMAT##_2, FORMAT##_3}
#endif

TILES(U4)
TILES(U5)
TILES(U6)
TILES(U8)
TILES(F16)
TILES(BF16)
TILES(F32)
static const tile_kernel tiles[][GROUP_TOKENS + 1] = {
    [CK_U4] = NAMES(U4),   [CK_U5] = NAMES(U5),     [CK_U6] = NAMES(U6),   [CK_U8] = NAMES(U8),
    [CK_F16] = NAMES(F16), [CK_BF16] = NAMES(BF16), [CK_F32] = NAMES(F32),
};

/// One tile's place in a call: what to multiply, and what to fetch meanwhile.
typedef struct {
  const ck_matrix_part *part;
  const char *cell;
  size_t cells, lines;
} ck_tile_walk;

CK_INLINE ck_tile_walk walk_of(const ck_matrix *m, const ck_matrix_part *part, size_t tile, size_t groups) {
  size_t cells = m->columns / ck_cell_inputs(part->format), bytes = ck_cell_bytes(part->format);
  return (ck_tile_walk){part, ck_tile_of(part, tile), cells, (bytes / 64 + groups - 1) / groups};
}

/// Runs a group over a tile; returns how far its fetching came.
CK_INLINE const char *run(const ck_tile_walk *w, size_t n, const char *in, size_t in_stride, float *sums,
                          const char *ahead) {
  tiles[w->part->format][n](in, in_stride, w->cell, w->cells, sums, ahead, w->lines);
  return ahead + w->cells * w->lines * 64;
}

CK_INLINE void add_bias(const ck_matrix_part *part, size_t tile, size_t rows, size_t n, float *sums) {
  if (!part->bias) return;
  const float *bias = part->bias + (tile - part->first_tile) * CK_TILE_ROWS;
  for (size_t i = 0; i < n; i++)
    for (size_t r = 0; r < rows; r++) sums[i * CK_TILE_ROWS + r] += bias[r];
}

CK_INLINE void output_floats(int add, size_t rows, size_t n, const float *sums, char *out, size_t out_stride) {
  for (size_t i = 0; i < n; i++, sums += CK_TILE_ROWS, out += out_stride) {
    if (rows < CK_TILE_ROWS) {
      for (size_t r = 0; r < rows; r++) ((float *)out)[r] = sums[r] + (add ? ((float *)out)[r] : 0);
      continue;
    }
#pragma clang loop unroll(full)
    for (int r = 0; r < CK_TILE_ROWS; r += LANES) {
      vf x = load(sums + r);
      store(out + r * 4, add ? x + load(out + r * 4) : x);
    }
  }
}

static void plain(const ck_linear *l, ck_linear_output output) {
  _Alignas(64) float sums[GROUP_TOKENS * CK_TILE_ROWS];
  size_t groups = (l->tokens + GROUP_TOKENS - 1) / GROUP_TOKENS;
  size_t height = l->tokens / groups, higher = l->tokens % groups;
  for (size_t tile = l->first_tile; tile < l->end_tile; tile++) {
    const ck_matrix_part *part = ck_part_of(l->matrix, tile);
    ck_tile_walk walk = walk_of(l->matrix, part, tile, groups);
    const char *ahead = tile + 1 < l->end_tile ? ck_tile_of(ck_part_of(l->matrix, tile + 1), tile + 1) : l->next;
    if (!ahead) walk.lines = 0;
    size_t rows = ck_rows_of(part, tile);
    const char *in = l->in;
    char *out = (char *)l->out + (part->first_row + (tile - part->first_tile) * CK_TILE_ROWS) * sizeof(float);
    for (size_t g = 0; g < groups; g++) {
      size_t n = height + (g < higher);
      ahead = run(&walk, n, in, l->in_stride, sums, ahead);
      add_bias(part, tile, rows, n, sums);
      output_floats(output == CK_ADD, rows, n, sums, out, l->out_stride);
      in += n * l->in_stride;
      out += n * l->out_stride;
    }
  }
}

/// 2^x for |x| <= CK_EXP2_LIMIT.
CK_INLINE vf exp2_lanes(vf x) {
  static const float terms[] = CK_DECODER_EXP2_TERMS;
  vf shifted = x + CK_ROUNDING, fraction = x - (shifted - CK_ROUNDING), y = terms[5];
#pragma clang loop unroll(full)
  for (int i = 4; i >= 0; i--) y = fused(y, fraction, (vf)terms[i]);
  return (vf)((vu)y + ((vu)shifted << 23));
}

CK_INLINE vf silu(vf x) {
  vf power = lanes_min(lanes_max(x * -CK_LOG2E, (vf)-CK_EXP2_LIMIT), (vf)CK_EXP2_LIMIT);
  return x / (exp2_lanes(power) + 1);
}

typedef int8_t vb __attribute__((ext_vector_type(LANES)));

CK_INLINE void quantize_block(const float *x, ck_input_block *out) {
  enum { VECTORS = CK_BLOCK_INPUTS / LANES };
  vu largest = 0;
#pragma clang loop unroll(full)
  for (int v = 0; v < VECTORS; v++)
    largest = __builtin_elementwise_max(largest, (vu)load(x + v * LANES) & 0x7fffffff);
  uint32_t bits = __builtin_reduce_max(largest);
  float magnitude;
  memcpy(&magnitude, &bits, sizeof magnitude);
  ck_block_scale scale = ck_block_scale_of(magnitude);
  vi sums[2] = {0, 0};
#pragma clang loop unroll(full)
  for (int v = 0; v < VECTORS; v++) {
    vi value = (vi)fused(load(x + v * LANES), (vf)scale.inverse, (vf)CK_ROUNDING) << 24 >> 24;
    sums[v / (VECTORS / 2)] += value;
    vb bytes = __builtin_convertvector(value, vb);
    memcpy(out->values + v * LANES, &bytes, sizeof bytes);
  }
  int first = __builtin_reduce_add(sums[0]), all = first + __builtin_reduce_add(sums[1]);
  out->scale = scale.scale;
  out->sum = scale.scale * (float)all;
  out->byte_offset = -128 * all;
  out->first_offset = -32 * first;
}

static void quantize_row(const float *row, size_t columns, ck_input_block *out) {
  for (size_t b = 0; b < columns / CK_BLOCK_INPUTS; b++) quantize_block(row + b * CK_BLOCK_INPUTS, out + b);
}

static void swiglu(const ck_linear *l, ck_linear_output output) {
  _Alignas(64) float gates[GROUP_TOKENS * CK_TILE_ROWS], ups[GROUP_TOKENS * CK_TILE_ROWS];
  size_t groups = (l->tokens + GROUP_TOKENS - 1) / GROUP_TOKENS;
  size_t height = l->tokens / groups, higher = l->tokens % groups;
  const ck_matrix_part *gate = l->matrix->parts, *up = gate + 1;
  for (size_t tile = l->first_tile; tile < l->end_tile; tile++) {
    ck_tile_walk gate_walk = walk_of(l->matrix, gate, tile, groups), up_walk = walk_of(l->matrix, up, tile, groups);
    int last = tile + 1 == l->end_tile;
    const char *gate_ahead = last ? l->next : ck_tile_of(gate, tile + 1);
    const char *up_ahead = last ? gate_ahead + gate->tile_stride / 2 : ck_tile_of(up, tile + 1);
    if (!gate_ahead) gate_walk.lines = up_walk.lines = 0;
    size_t rows = ck_rows_of(gate, tile);
    const char *in = l->in;
    char *out = l->out;
    for (size_t g = 0; g < groups; g++) {
      size_t n = height + (g < higher);
      gate_ahead = run(&gate_walk, n, in, l->in_stride, gates, gate_ahead);
      up_ahead = run(&up_walk, n, in, l->in_stride, ups, up_ahead);
      add_bias(gate, tile, rows, n, gates);
      add_bias(up, tile, rows, n, ups);
      for (size_t j = 0; j < n * CK_TILE_ROWS; j += LANES) store(gates + j, silu(load(gates + j)) * load(ups + j));
      if (output == CK_SWIGLU_FLOATS)
        output_floats(0, rows, n, gates, out + tile * CK_TILE_ROWS * sizeof(float), l->out_stride);
      else
        for (size_t i = 0; i < n; i++)
          quantize_block(gates + i * CK_TILE_ROWS, (ck_input_block *)(out + i * l->out_stride) + tile);
      in += n * l->in_stride;
      out += n * l->out_stride;
    }
  }
}

static void multiply(const ck_linear *l, ck_linear_output output) {
  if (l->tokens == 0) return;
  if (l->matrix->paired)
    swiglu(l, output);
  else
    plain(l, output);
}

const ck_decoder_kernels DECODER_TABLE = {.name = DECODER_NAME, .multiply = multiply, .quantize_row = quantize_row};
