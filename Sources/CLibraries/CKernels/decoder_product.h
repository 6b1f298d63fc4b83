// Linear layers. Tiles of weights outside, groups of tokens inside: a tile stays in the first cache while every token passes
// over it. A group keeps its sums of TILE_VECTORS x LANES rows in registers over all columns; inputs are broadcast from where
// they lie, four bytes or one float at a time.


enum { CACHE_LINE = 64 };

/// How far ahead of itself a lone group fetches: enough for the latency of memory, little enough for the first cache.
enum { FETCH_DISTANCE = 8192 };

/// Groups that pass over a tile before the next tile: the inputs of 96 tokens stay in the second cache.
enum { PASS_GROUPS = 96 / GROUP_TOKENS };

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
  if (ck_has_fifth_bits(format)) {
    vu plane = words(upper);
    return (step < 4 ? plane << (4 - step) : plane >> (step - 4)) & 0x10101010;
  }
  if (format == CK_S6) {
    vu plane = words(upper + step / 4 * CK_STEP_BYTES);
    return (step % 4 < 2 ? plane << (4 - 2 * (step % 4)) : plane >> (2 * (step % 4) - 4)) & 0x30303030;
  }
  return 0;
}

/// Four weights of every row of a vector, as unsigned bytes.
CK_INLINE vu step_weights(ck_cell_format format, const char *cell, int step) {
  if (format == CK_S8) return words(cell + step * CK_STEP_BYTES);
  vu nibbles = words(cell + step % 4 * CK_STEP_BYTES);
  return ((step < 4 ? nibbles : nibbles >> 4) & 0x0f0f0f0f) | upper_bits(format, cell + 4 * CK_STEP_BYTES, step);
}

/// What takes the bias off a sum of products with unsigned weights; S6 has two sums.
CK_INLINE vi first_sum(ck_cell_format format, const ck_input_block *in, int part) {
  if (ck_bias(format) == 0 || (format == CK_S8 && SIGNED_BYTES)) return 0;
  // A shift, because the offset is a whole multiple of what the narrower weights need.
  int offset = in->byte_offset >> __builtin_ctz(128 / (unsigned)ck_bias(format));
  if (format == CK_S6) offset = part == 0 ? in->first_offset : offset - in->first_offset;
  return (vi)offset;
}

/// Adds to the sums of n tokens what 32 inputs contribute; `rows` is the number of the first row of the vectors.
CK_INLINE void block(ck_cell_format format, int n, const char *in, size_t in_stride, const char *cell, int row,
                     vf sums[GROUP_TOKENS][TILE_VECTORS]) {
  const int parts = format == CK_S6 ? 2 : 1, steps = CK_STEPS / parts;
  const char *lanes = cell + 4 * row, *halves = cell + ck_scales_offset(format) + 2 * row;
#pragma clang loop unroll(full)
  for (int part = 0; part < parts; part++) {
    vi dots[GROUP_TOKENS][TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++)
#pragma clang loop unroll(full)
      for (int v = 0; v < TILE_VECTORS; v++)
        dots[i][v] = first_sum(format, (const ck_input_block *)(in + (size_t)i * in_stride), part);
#pragma clang loop unroll(full)
    for (int s = 0; s < steps; s++) {
      // Low and high nibbles of the same bytes one after the other, so that they are loaded once.
      int step = format == CK_S8 || format == CK_S6 ? part * steps + s : s % 2 * 4 + s / 2;
      vu weights[TILE_VECTORS];
#pragma clang loop unroll(full)
      for (int v = 0; v < TILE_VECTORS; v++) weights[v] = step_weights(format, lanes + v * 4 * LANES, step);
#pragma clang loop unroll(full)
      for (int i = 0; i < n; i++) {
        vu x = broadcast(in + (size_t)i * in_stride + 4 * step);
#pragma clang loop unroll(full)
        for (int v = 0; v < TILE_VECTORS; v++) dots[i][v] = lanes_dot(format, dots[i][v], weights[v], x);
      }
    }
#pragma clang loop unroll(full)
    for (int v = 0; v < TILE_VECTORS; v++) {
      vf scale = lanes_from_half(halves + part * CK_HALVES_BYTES + 2 * v * LANES), minimum = 0;
      if (ck_has_minima(format)) minimum = lanes_from_half(halves + CK_HALVES_BYTES + 2 * v * LANES);
#pragma clang loop unroll(full)
      for (int i = 0; i < n; i++) {
        const ck_input_block *x = (const ck_input_block *)(in + (size_t)i * in_stride);
        if (ck_has_minima(format)) sums[i][v] = fused(minimum, (vf)x->sum, sums[i][v]);
        sums[i][v] = fused(__builtin_convertvector(dots[i][v], vf), scale * (vf)x->scale, sums[i][v]);
      }
    }
  }
}

/// One input of floating-point weights.
CK_INLINE void element(ck_cell_format format, int n, const char *in, size_t in_stride, const char *cell, int row,
                       vf sums[GROUP_TOKENS][TILE_VECTORS]) {
  const char *lanes = cell + ck_cell_bytes(format) / CK_TILE_ROWS * (size_t)row;
  vf weights[TILE_VECTORS];
#pragma clang loop unroll(full)
  for (int v = 0; v < TILE_VECTORS; v++)
    weights[v] = widened(format, lanes + ck_cell_bytes(format) / CK_TILE_ROWS * LANES * (size_t)v);
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) {
    vf x = (vf)broadcast(in + (size_t)i * in_stride);
#pragma clang loop unroll(full)
    for (int v = 0; v < TILE_VECTORS; v++) sums[i][v] = fused(weights[v], x, sums[i][v]);
  }
}

/// Weights to fetch while others are multiplied: `lines` cache lines with every cell, from `ahead` on, and from `then` on once
/// `turn` cells are done.
typedef struct {
  const char *ahead;
  size_t lines, turn;
  const char *then;
} ck_fetch;

/// n tokens by one tile: sums[n][32].
CK_INLINE void tile(ck_cell_format format, int n, const char *in, size_t in_stride, const char *cell, size_t cells,
                    float *out, const ck_fetch *fetch) {
#pragma clang loop unroll(full)
  for (int row = 0; row < CK_TILE_ROWS; row += TILE_VECTORS * LANES) {
    vf sums[GROUP_TOKENS][TILE_VECTORS];
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++)
#pragma clang loop unroll(full)
      for (int v = 0; v < TILE_VECTORS; v++) sums[i][v] = 0;
    const char *x = in, *w = cell, *ahead = fetch->ahead;
    size_t lines = row == 0 ? fetch->lines : 0;
    for (size_t c = 0; c < cells; c++, w += ck_cell_bytes(format)) {
      if (c == fetch->turn) {
        ahead = fetch->then;
        if (!ahead) lines = 0;
      }
      for (size_t line = 0; line < lines; line++, ahead += CACHE_LINE) __builtin_prefetch(ahead, 0, 3);
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
      for (int v = 0; v < TILE_VECTORS; v++) store(out + i * CK_TILE_ROWS + row + v * LANES, sums[i][v]);
  }
}

typedef void (*tile_kernel)(const char *in, size_t in_stride, const char *cell, size_t cells, float *out,
                            const ck_fetch *fetch);

#define TILE(FORMAT, N)                                                                                       \
  static void FORMAT##_##N(const char *in, size_t in_stride, const char *cell, size_t cells, float *out,      \
                           const ck_fetch *fetch) {                                                           \
    tile(CK_##FORMAT, N, in, in_stride, cell, cells, out, fetch);                                             \
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
TILES(S4)
TILES(S5)
TILES(S6)
TILES(S8)
TILES(F16)
TILES(BF16)
TILES(F32)
static const tile_kernel tiles[][GROUP_TOKENS + 1] = {
    [CK_U4] = NAMES(U4), [CK_U5] = NAMES(U5),   [CK_S4] = NAMES(S4),     [CK_S5] = NAMES(S5),   [CK_S6] = NAMES(S6),
    [CK_S8] = NAMES(S8), [CK_F16] = NAMES(F16), [CK_BF16] = NAMES(BF16), [CK_F32] = NAMES(F32),
};

/// Tokens cut into groups whose sizes differ by at most one, so that none is left with too little to do.
typedef struct {
  size_t count, height, higher;  ///< the first `higher` groups have one token more
} ck_groups;

CK_INLINE ck_groups cut_tokens(size_t tokens) {
  size_t count = (tokens + GROUP_TOKENS - 1) / GROUP_TOKENS;
  return (ck_groups){count, tokens / count, tokens % count};
}

CK_INLINE size_t group_start(const ck_groups *groups, size_t g) {
  return g * groups->height + (g < groups->higher ? g : groups->higher);
}

/// What passes over the tiles at once: some of a call's groups.
typedef struct {
  const ck_linear *call;
  const ck_groups *groups;
  size_t first, end;  ///< groups
  const char *next;   ///< weights that are read afterwards
} ck_pass;

/// What group number `g` of a pass fetches while it passes over a tile: its share of the tile that comes next; a lone group,
/// which is done before a tile could be fetched, what lies a fixed distance ahead.
CK_INLINE ck_fetch fetch_of(const ck_pass *p, const ck_matrix_part *part, const char *cell, const char *following,
                            size_t g) {
  size_t bytes = ck_cell_bytes(part->format), cells = p->call->matrix->columns / ck_cell_inputs(part->format);
  size_t groups = p->end - p->first;
  const char *then = following ? following : p->next;
  if (groups == 1) {
    size_t left = FETCH_DISTANCE / bytes, turn = following ? cells : cells > left ? cells - left : 0;
    return (ck_fetch){cell + FETCH_DISTANCE, bytes / CACHE_LINE, turn, then};
  }
  size_t share = (cells * bytes / CACHE_LINE + groups - 1) / groups, lines = (share + cells - 1) / cells;
  return (ck_fetch){then + (g - p->first) * share * CACHE_LINE, lines, (share + lines - 1) / lines, NULL};
}

/// Multiplies a group of a pass by a tile; `following` is the tile that comes next, or NULL for what comes after the pass.
CK_INLINE void multiply_group(const ck_pass *p, const ck_matrix_part *part, size_t tile, const char *following, size_t g,
                              float *sums) {
  const ck_linear *l = p->call;
  const char *cell = ck_tile_of(part, tile);
  ck_fetch fetch = fetch_of(p, part, cell, following, g);
  size_t start = group_start(p->groups, g), n = group_start(p->groups, g + 1) - start;
  tiles[part->format][n]((const char *)l->in + start * l->in_stride, l->in_stride, cell,
                         l->matrix->columns / ck_cell_inputs(part->format), sums, &fetch);
  if (!part->bias) return;
  const float *bias = part->bias + (tile - part->first_tile) * CK_TILE_ROWS;
  for (size_t i = 0; i < n; i++)
    for (size_t r = 0; r < ck_rows_of(part, tile); r++) sums[i * CK_TILE_ROWS + r] += bias[r];
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

static void stacked(const ck_pass *p, ck_linear_output output) {
  const ck_linear *l = p->call;
  _Alignas(64) float sums[GROUP_TOKENS * CK_TILE_ROWS];
  for (size_t tile = l->first_tile; tile < l->end_tile; tile++) {
    const ck_matrix_part *part = ck_part_of(l->matrix, tile);
    const char *following =
        tile + 1 < l->end_tile ? ck_tile_of(ck_part_of(l->matrix, tile + 1), tile + 1) : NULL;
    size_t column = part->first_row + (tile - part->first_tile) * CK_TILE_ROWS;
    for (size_t g = p->first; g < p->end; g++) {
      multiply_group(p, part, tile, following, g, sums);
      size_t start = group_start(p->groups, g), n = group_start(p->groups, g + 1) - start;
      output_floats(output == CK_ADD, ck_rows_of(part, tile), n, sums,
                    (char *)l->out + start * l->out_stride + column * sizeof(float), l->out_stride);
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

/// 32 lanes at once, in as many registers as they take.
typedef float block_floats __attribute__((ext_vector_type(CK_BLOCK_INPUTS)));
typedef uint32_t block_words __attribute__((ext_vector_type(CK_BLOCK_INPUTS)));
typedef int8_t block_bytes __attribute__((ext_vector_type(CK_BLOCK_INPUTS)));

CK_INLINE void quantize_block(const float *x, ck_input_block *out) {
  block_floats values;
  memcpy(&values, x, sizeof values);
  uint32_t bits = __builtin_reduce_max((block_words)values & 0x7fffffff);
  float largest;
  memcpy(&largest, &bits, sizeof largest);
  ck_block_scale scale = ck_block_scale_of(largest);
  block_words rounded = (block_words)__builtin_elementwise_fma(
      values, (block_floats)scale.inverse, (block_floats)CK_ROUNDING);
  block_bytes bytes = __builtin_convertvector(rounded, block_bytes);
  memcpy(out->values, &bytes, sizeof bytes);
  int sums[2];
  lanes_byte_sums(&bytes, sums);
  out->scale = scale.scale;
  out->sum = scale.scale * (float)(sums[0] + sums[1]);
  out->byte_offset = -128 * (sums[0] + sums[1]);
  out->first_offset = -32 * sums[0];
}

static void quantize_row(const float *row, size_t columns, ck_input_block *out) {
  for (size_t b = 0; b < columns / CK_BLOCK_INPUTS; b++) quantize_block(row + b * CK_BLOCK_INPUTS, out + b);
}

static void paired(const ck_pass *p, ck_linear_output output) {
  const ck_linear *l = p->call;
  const ck_matrix_part *gate = l->matrix->parts, *up = gate + 1;
  _Alignas(64) float gates[PASS_GROUPS * GROUP_TOKENS * CK_TILE_ROWS], ups[GROUP_TOKENS * CK_TILE_ROWS];
  size_t origin = group_start(p->groups, p->first);
  for (size_t tile = l->first_tile; tile < l->end_tile; tile++) {
    const char *up_cell = ck_tile_of(up, tile);
    const char *following = tile + 1 < l->end_tile ? ck_tile_of(gate, tile + 1) : NULL;
    for (size_t g = p->first; g < p->end; g++)
      multiply_group(p, gate, tile, up_cell, g, gates + (group_start(p->groups, g) - origin) * CK_TILE_ROWS);
    for (size_t g = p->first; g < p->end; g++) {
      size_t start = group_start(p->groups, g), n = group_start(p->groups, g + 1) - start;
      float *products = gates + (start - origin) * CK_TILE_ROWS;
      char *out = (char *)l->out + start * l->out_stride;
      multiply_group(p, up, tile, following, g, ups);
      for (size_t j = 0; j < n * CK_TILE_ROWS; j += LANES)
        store(products + j, silu(load(products + j)) * load(ups + j));
      if (output == CK_SWIGLU_FLOATS)
        output_floats(0, ck_rows_of(gate, tile), n, products, out + tile * CK_TILE_ROWS * sizeof(float), l->out_stride);
      else
        for (size_t i = 0; i < n; i++)
          quantize_block(products + i * CK_TILE_ROWS, (ck_input_block *)(out + i * l->out_stride) + tile);
    }
  }
}

/// Many tokens take several passes over the tiles, each of as many as stay in the second cache meanwhile.
static void multiply(const ck_linear *l, ck_linear_output output) {
  if (l->tokens == 0 || l->first_tile >= l->end_tile) return;
  ck_groups groups = cut_tokens(l->tokens);
  const char *again = ck_tile_of(ck_part_of(l->matrix, l->first_tile), l->first_tile);
  for (size_t g = 0; g < groups.count; g += PASS_GROUPS) {
    size_t end = g + PASS_GROUPS < groups.count ? g + PASS_GROUPS : groups.count;
    ck_pass pass = {l, &groups, g, end, end < groups.count || !l->next ? again : l->next};
    if (l->matrix->paired)
      paired(&pass, output);
    else
      stacked(&pass, output);
  }
}

const ck_decoder_kernels DECODER_TABLE = {.name = DECODER_NAME, .multiply = multiply, .quantize_row = quantize_row};
