// The decoder's linear layers as plain loops over the layout, which the others are tested against.
#include "decoder.h"

static float block_dot(ck_cell_format format, const uint8_t *cell, size_t row, const ck_input_block *in) {
  int dots[2] = {0, 0};
  for (size_t k = 0; k < CK_BLOCK_INPUTS; k++) dots[k / 16] += ck_cell_value(format, cell, row, k) * in->values[k];
  float scale = ck_cell_half(format, cell, row, 0);
  if (ck_halves(format) == 1) return (float)(dots[0] + dots[1]) * (scale * in->scale);
  float other = ck_cell_half(format, cell, row, 1);
  if (format == CK_S6) return (float)dots[0] * (scale * in->scale) + (float)dots[1] * (other * in->scale);
  return (float)(dots[0] + dots[1]) * (scale * in->scale) + other * in->sum;
}

static float dot(const ck_matrix_part *part, size_t columns, const char *tile, size_t row, const void *in) {
  const uint8_t *cell = (const uint8_t *)tile;
  size_t cell_bytes = ck_cell_bytes(part->format), cells = columns / ck_cell_inputs(part->format);
  float sum = 0;
  for (size_t c = 0; c < cells; c++, cell += cell_bytes)
    if (ck_is_float(part->format))
      sum += ck_cell_float(part->format, cell, row) * ((const float *)in)[c];
    else
      sum += block_dot(part->format, cell, row, (const ck_input_block *)in + c);
  return sum;
}

static float row_output(const ck_linear *l, const ck_matrix_part *part, size_t tile, size_t row, size_t token) {
  const char *in = (const char *)l->in + token * l->in_stride;
  float x = dot(part, l->matrix->columns, ck_tile_of(part, tile), row, in);
  return part->bias ? x + part->bias[(tile - part->first_tile) * CK_TILE_ROWS + row] : x;
}

static void quantize_row(const float *row, size_t columns, ck_input_block *out) {
  for (size_t b = 0; b < columns / CK_BLOCK_INPUTS; b++, row += CK_BLOCK_INPUTS, out++) {
    // Compared as integers, what is not a number counts as the largest and is not lost.
    uint32_t most = 0;
    for (int k = 0; k < CK_BLOCK_INPUTS; k++) {
      uint32_t bits;
      memcpy(&bits, row + k, sizeof bits);
      bits &= 0x7fffffff;
      if (bits > most) most = bits;
    }
    float largest;
    memcpy(&largest, &most, sizeof largest);
    ck_block_scale scale = ck_block_scale_of(largest);
    int sums[2] = {0, 0};
    for (int k = 0; k < CK_BLOCK_INPUTS; k++) {
      float sum = fmaf(row[k], scale.inverse, CK_ROUNDING);
      uint32_t bits;
      memcpy(&bits, &sum, sizeof bits);
      out->values[k] = (int8_t)(bits & 0xff);
      sums[k / 16] += out->values[k];
    }
    out->scale = scale.scale;
    out->sum = scale.scale * (float)(sums[0] + sums[1]);
    out->byte_offset = -128 * (sums[0] + sums[1]);
    out->first_offset = -32 * sums[0];
  }
}

static void multiply(const ck_linear *l, ck_linear_output output) {
  for (size_t tile = l->first_tile; tile < l->end_tile; tile++) {
    const ck_matrix_part *part = l->matrix->paired ? l->matrix->parts : ck_part_of(l->matrix, tile);
    size_t rows = ck_rows_of(part, tile), first = part->first_row + (tile - part->first_tile) * CK_TILE_ROWS;
    for (size_t t = 0; t < l->tokens; t++) {
      char *out = (char *)l->out + t * l->out_stride;
      float x[CK_TILE_ROWS] = {0};
      for (size_t r = 0; r < rows; r++) {
        x[r] = row_output(l, part, tile, r, t);
        if (l->matrix->paired) x[r] = x[r] / (1 + expf(-x[r])) * row_output(l, part + 1, tile, r, t);
      }
      if (output == CK_SWIGLU_BLOCKS) {
        quantize_row(x, CK_BLOCK_INPUTS, (ck_input_block *)out + tile);
        continue;
      }
      float *floats = (float *)out + first;
      for (size_t r = 0; r < rows; r++) floats[r] = output == CK_ADD ? floats[r] + x[r] : x[r];
    }
  }
}

const ck_decoder_kernels ck_decoder_scalar = {.name = "scalar", .multiply = multiply, .quantize_row = quantize_row};
