// From the blocks of ggml to tiles.
#include "decoder.h"

static const struct {
  ck_cell_format format;
  size_t values, bytes;
} types[] = {
    [CK_GGML_F32] = {CK_F32, 1, 4},      [CK_GGML_F16] = {CK_F16, 1, 2},      [CK_GGML_BF16] = {CK_BF16, 1, 2},
    [CK_GGML_Q4_0] = {CK_S4, 32, 18},    [CK_GGML_Q4_1] = {CK_U4, 32, 20},    [CK_GGML_Q5_0] = {CK_S5, 32, 22},
    [CK_GGML_Q5_1] = {CK_U5, 32, 24},    [CK_GGML_Q8_0] = {CK_S8, 32, 34},    [CK_GGML_Q4_K] = {CK_U4, 256, 144},
    [CK_GGML_Q5_K] = {CK_U5, 256, 176},  [CK_GGML_Q6_K] = {CK_S6, 256, 210},
};

ck_cell_format ck_cell_format_of(ck_ggml_type type) { return types[type].format; }
size_t ck_ggml_block_values(ck_ggml_type type) { return types[type].values; }
size_t ck_ggml_block_bytes(ck_ggml_type type) { return types[type].bytes; }

size_t ck_tile_bytes(ck_cell_format format, size_t columns) {
  return columns / ck_cell_inputs(format) * ck_cell_bytes(format);
}

/// 32 weights of a row as unsigned integers, with the two float16 of their cell.
typedef struct {
  uint8_t values[CK_BLOCK_INPUTS];
  float halves[2];
} unpacked;

static float half_at(const uint8_t *bytes) {
  uint16_t half;
  memcpy(&half, bytes, sizeof half);
  return ck_from_half(half);
}

static void unpack_nibbles(const uint8_t *nibbles, uint8_t *values) {
  for (int i = 0; i < 16; i++) {
    values[i] = nibbles[i] & 15;
    values[16 + i] = nibbles[i] >> 4;
  }
}

static void unpack_fifth_bits(const uint8_t *bits, uint8_t *values) {
  for (int i = 0; i < 32; i++) values[i] |= (uint8_t)((bits[i / 8] >> i % 8 & 1) << 4);
}

/// Scale and minimum of a sub-block of Q4_K and Q5_K: six bits each in twelve bytes.
static void unpack_scales(const uint8_t *block, size_t sub, float halves[2]) {
  const uint8_t *s = block + 4;
  int scale = sub < 4 ? s[sub] & 63 : (s[sub + 4] & 15) | s[sub - 4] >> 6 << 4;
  int minimum = sub < 4 ? s[sub + 4] & 63 : s[sub + 4] >> 4 | s[sub] >> 6 << 4;
  halves[0] = half_at(block) * (float)scale;
  halves[1] = -half_at(block + 2) * (float)minimum;
}

/// Sub-blocks 2c and 2c + 1 are the low and the high nibbles of the same 32 bytes.
static void unpack_half_bytes(const uint8_t *bytes, size_t sub, uint8_t *values) {
  for (int i = 0; i < 32; i++) values[i] = bytes[sub / 2 * 32 + i] >> sub % 2 * 4 & 15;
}

static void unpack_q6(const uint8_t *block, size_t sub, unpacked *u) {
  const uint8_t *low = block + sub / 4 * 64 + sub % 2 * 32, *high = block + 128 + sub / 4 * 32;
  const int8_t *scales = (const int8_t *)block + 192;
  for (int i = 0; i < 32; i++)
    u->values[i] = (uint8_t)((low[i] >> sub % 4 / 2 * 4 & 15) | (high[i] >> sub % 4 * 2 & 3) << 4);
  for (int i = 0; i < 2; i++) u->halves[i] = half_at(block + 208) * (float)scales[2 * sub + i];
}

/// `sub` is the number of the 32 within their block.
static void unpack(ck_ggml_type type, const uint8_t *block, size_t sub, unpacked *u) {
  u->halves[0] = half_at(block);
  switch (type) {
    case CK_GGML_Q4_0:
      unpack_nibbles(block + 2, u->values);
      break;
    case CK_GGML_Q4_1:
      u->halves[1] = half_at(block + 2);
      unpack_nibbles(block + 4, u->values);
      break;
    case CK_GGML_Q5_0:
      unpack_nibbles(block + 6, u->values);
      unpack_fifth_bits(block + 2, u->values);
      break;
    case CK_GGML_Q5_1:
      u->halves[1] = half_at(block + 2);
      unpack_nibbles(block + 8, u->values);
      unpack_fifth_bits(block + 4, u->values);
      break;
    case CK_GGML_Q8_0:
      for (int i = 0; i < 32; i++) u->values[i] = block[2 + i] ^ 0x80;
      break;
    case CK_GGML_Q4_K:
      unpack_scales(block, sub, u->halves);
      unpack_half_bytes(block + 16, sub, u->values);
      break;
    case CK_GGML_Q5_K:
      unpack_scales(block, sub, u->halves);
      unpack_half_bytes(block + 48, sub, u->values);
      for (int i = 0; i < 32; i++) u->values[i] |= (uint8_t)((block[16 + i] >> sub & 1) << 4);
      break;
    case CK_GGML_Q6_K: unpack_q6(block, sub, u); break;
    default: break;
  }
}

static void pack_cell(ck_cell_format format, const unpacked *u, size_t row, uint8_t *cell) {
  const uint8_t *v = u->values;
  uint8_t *lane = cell + 4 * row, *upper = lane + 4 * CK_STEP_BYTES;
  if (format == CK_S8)
    for (int step = 0; step < CK_STEPS; step++) memcpy(lane + step * CK_STEP_BYTES, v + 4 * step, 4);
  else
    for (int k = 0; k < 16; k++)
      lane[k / 4 * CK_STEP_BYTES + k % 4] = (uint8_t)((v[k] & 15) | v[16 + k] << 4);
  if (ck_has_fifth_bits(format))
    for (int k = 0; k < 32; k++) upper[k % 4] |= (uint8_t)((v[k] >> 4) << k / 4);
  if (format == CK_S6)
    for (int k = 0; k < 32; k++) upper[k / 16 * CK_STEP_BYTES + k % 4] |= (uint8_t)((v[k] >> 4) << k % 16 / 4 * 2);
  for (int i = 0; i < ck_halves(format); i++) {
    uint16_t half = ck_to_half(u->halves[i]);
    memcpy(cell + ck_scales_offset(format) + i * CK_HALVES_BYTES + 2 * row, &half, sizeof half);
  }
}

static void pack_row(ck_ggml_type type, const uint8_t *blocks, size_t columns, size_t row, uint8_t *tile) {
  ck_cell_format format = types[type].format;
  size_t cell_bytes = ck_cell_bytes(format);
  if (ck_is_float(format)) {
    size_t bytes = types[type].bytes;
    for (size_t k = 0; k < columns; k++) memcpy(tile + k * cell_bytes + row * bytes, blocks + k * bytes, bytes);
    return;
  }
  size_t subs = types[type].values / CK_BLOCK_INPUTS;
  for (size_t b = 0; b < columns / CK_BLOCK_INPUTS; b++) {
    unpacked u;
    unpack(type, blocks + b / subs * types[type].bytes, b % subs, &u);
    pack_cell(format, &u, row, tile + b * cell_bytes);
  }
}

void ck_pack_tiles(ck_ggml_type type, const void *blocks, size_t rows, size_t columns, const uint32_t *order,
                   void *tiles, size_t tile_stride) {
  size_t row_bytes = columns / types[type].values * types[type].bytes;
  for (size_t i = 0; i < rows; i++) {
    const uint8_t *row = (const uint8_t *)blocks + (order ? order[i] : i) * row_bytes;
    pack_row(type, row, columns, i % CK_TILE_ROWS, (uint8_t *)tiles + i / CK_TILE_ROWS * tile_stride);
  }
}

void ck_matrix_row(const ck_matrix *matrix, size_t row, float *out) {
  const ck_matrix_part *part = matrix->parts + matrix->part_count - 1;
  while (part->first_row > row) part--;
  ck_cell_format format = part->format;
  size_t cell_bytes = ck_cell_bytes(format), inputs = ck_cell_inputs(format);
  row -= part->first_row;
  const uint8_t *cell = (const uint8_t *)part->tiles + row / CK_TILE_ROWS * part->tile_stride;
  row %= CK_TILE_ROWS;
  for (size_t k = 0; k < matrix->columns; k += inputs, cell += cell_bytes) {
    if (ck_is_float(format)) {
      out[k] = ck_cell_float(format, cell, row);
      continue;
    }
    float scale = ck_cell_half(format, cell, row, 0);
    float other = ck_halves(format) == 2 ? ck_cell_half(format, cell, row, 1) : 0;
    for (size_t i = 0; i < CK_BLOCK_INPUTS; i++) {
      float value = (float)ck_cell_value(format, cell, row, i);
      if (format == CK_S6)
        out[k + i] = (i < 16 ? scale : other) * value;
      else
        out[k + i] = scale * value + other;
    }
  }
}
