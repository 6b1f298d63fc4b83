// What the implementations of the decoder's linear layers share: the layout of cells.
#ifndef CK_DECODER_H
#define CK_DECODER_H

#include "CDecoder.h"
#include "kernels.h"

extern const ck_decoder_kernels ck_decoder_scalar;
#if defined(__x86_64__)
extern const ck_decoder_kernels ck_decoder_avx2;
extern const ck_decoder_kernels ck_decoder_avx2vnni;
extern const ck_decoder_kernels ck_decoder_avx512;
#elif defined(__aarch64__)
extern const ck_decoder_kernels ck_decoder_neon;
#endif

/// Four inputs of every row of a tile, a byte each.
enum { CK_STEP_BYTES = 4 * CK_TILE_ROWS, CK_STEPS = CK_BLOCK_INPUTS / 4, CK_HALVES_BYTES = 2 * CK_TILE_ROWS };

/// Where in a cell its first scales stand; minima, or the second scales, follow.
CK_INLINE size_t ck_scales_offset(ck_cell_format format) {
  switch (format) {
    case CK_U4:
    case CK_S4: return 4 * CK_STEP_BYTES;
    case CK_U5:
    case CK_S5: return 5 * CK_STEP_BYTES;
    case CK_S6: return 6 * CK_STEP_BYTES;
    case CK_S8: return 8 * CK_STEP_BYTES;
    default: return 0;
  }
}

CK_INLINE int ck_has_minima(ck_cell_format format) { return format == CK_U4 || format == CK_U5; }
CK_INLINE int ck_has_fifth_bits(ck_cell_format format) { return format == CK_U5 || format == CK_S5; }

/// Float16 that a cell holds of every row.
CK_INLINE int ck_halves(ck_cell_format format) { return ck_has_minima(format) || format == CK_S6 ? 2 : 1; }

/// What is taken off the unsigned weights of a cell.
CK_INLINE int ck_bias(ck_cell_format format) {
  switch (format) {
    case CK_S4: return 8;
    case CK_S5: return 16;
    case CK_S6: return 32;
    case CK_S8: return 128;
    default: return 0;
  }
}

CK_INLINE size_t ck_cell_bytes(ck_cell_format format) {
  switch (format) {
    case CK_F16:
    case CK_BF16: return 2 * CK_TILE_ROWS;
    case CK_F32: return 4 * CK_TILE_ROWS;
    default: return ck_scales_offset(format) + (size_t)ck_halves(format) * CK_HALVES_BYTES;
  }
}

CK_INLINE int ck_is_float(ck_cell_format format) { return format >= CK_F16; }
CK_INLINE size_t ck_cell_inputs(ck_cell_format format) { return ck_is_float(format) ? 1 : CK_BLOCK_INPUTS; }

/// The weight of one row and one input in a cell of bytes, before scale and minimum.
CK_INLINE int ck_cell_value(ck_cell_format format, const uint8_t *cell, size_t row, size_t k) {
  size_t step = k / 4, lane = 4 * row + k % 4;
  const uint8_t *upper = cell + 4 * CK_STEP_BYTES;
  int value = cell[step % 4 * CK_STEP_BYTES + lane] >> (k < 16 ? 0 : 4) & 15;
  if (format == CK_S8) value = cell[step * CK_STEP_BYTES + lane];
  if (ck_has_fifth_bits(format)) value |= (upper[lane] >> step & 1) << 4;
  if (format == CK_S6) value |= (upper[step / 4 * CK_STEP_BYTES + lane] >> 2 * (step % 4) & 3) << 4;
  return value - ck_bias(format);
}

/// The float16 of a row: number 0 is the scale of the first inputs, 1 the minimum or the scale of the others.
CK_INLINE float ck_cell_half(ck_cell_format format, const uint8_t *cell, size_t row, int number) {
  uint16_t half;
  memcpy(&half, cell + ck_scales_offset(format) + number * CK_HALVES_BYTES + 2 * row, sizeof half);
  return ck_from_half(half);
}

CK_INLINE float ck_cell_float(ck_cell_format format, const uint8_t *cell, size_t row) {
  if (format == CK_F32) {
    float x;
    memcpy(&x, cell + 4 * row, sizeof x);
    return x;
  }
  uint16_t half;
  memcpy(&half, cell + 2 * row, sizeof half);
  if (format == CK_F16) return ck_from_half(half);
  uint32_t bits = (uint32_t)half << 16;
  float x;
  memcpy(&x, &bits, sizeof x);
  return x;
}

/// How a block's floats become bytes; all implementations agree on it to the last bit.
typedef struct {
  float scale, inverse;
} ck_block_scale;

CK_INLINE ck_block_scale ck_block_scale_of(float largest) {
  // The inverse of what is smaller would not be a number.
  if (largest < 1e-35f) return (ck_block_scale){0, 0};
  return (ck_block_scale){largest / 127, 127 / largest};
}

/// Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the sum.
#define CK_ROUNDING 12582912.0f

/// silu(x) = x / (1 + 2^(-x log2 e)); 2^-|..| is cut where float32 has no more of it.
#define CK_LOG2E 1.44269504f
#define CK_EXP2_LIMIT 126.0f
/// 2^x on [-1/2, 1/2]: relative error 7.5e-8.
#define CK_DECODER_EXP2_TERMS {1.00000012f, 0.693146944f, 0.240221202f, 0.0555071346f, 0.00967554562f, 0.00132764771f}

/// Tile i of a matrix: the part that holds it, and where.
CK_INLINE const ck_matrix_part *ck_part_of(const ck_matrix *m, size_t tile) {
  const ck_matrix_part *part = m->parts + m->part_count - 1;
  while (part->first_tile > tile) part--;
  return part;
}

CK_INLINE const char *ck_tile_of(const ck_matrix_part *part, size_t tile) {
  return (const char *)part->tiles + (tile - part->first_tile) * part->tile_stride;
}

/// Rows of a tile that the matrix has.
CK_INLINE size_t ck_rows_of(const ck_matrix_part *part, size_t tile) {
  size_t left = part->rows - (tile - part->first_tile) * CK_TILE_ROWS;
  return left < CK_TILE_ROWS ? left : CK_TILE_ROWS;
}

#endif
