// NEON: integer codes by row and by panel, float panels, product quantisation, selection. Base ARMv8, as in neon_pairs.c.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "kernels.h"
#include "neon_table.h"

/// 16 unsigned codes against 16 signed bytes: a product can need 17 bits, so both are widened first.
CK_INLINE int32x4_t add_products(int32x4_t sum, uint8x16_t codes, int8x16_t q) {
  int16x8_t low = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(codes))), q_low = vmovl_s8(vget_low_s8(q));
  int16x8_t high = vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(codes))), q_high = vmovl_s8(vget_high_s8(q));
  sum = vmlal_s16(sum, vget_low_s16(low), vget_low_s16(q_low));
  sum = vmlal_s16(sum, vget_high_s16(low), vget_high_s16(q_low));
  sum = vmlal_s16(sum, vget_low_s16(high), vget_low_s16(q_high));
  return vmlal_s16(sum, vget_high_s16(high), vget_high_s16(q_high));
}

/// 16 bytes of two nibbles each: two products of a nibble and a byte fit in 16 bits together.
CK_INLINE int32x4_t add_nibbles(int32x4_t sum, uint8x16_t pairs, int8x16_t q0, int8x16_t q1) {
  int8x16_t low = vreinterpretq_s8_u8(vandq_u8(pairs, vdupq_n_u8(15)));
  int8x16_t high = vreinterpretq_s8_u8(vshrq_n_u8(pairs, 4));
  sum = vpadalq_s16(sum, vmlal_s8(vmull_s8(vget_low_s8(low), vget_low_s8(q0)), vget_low_s8(high), vget_low_s8(q1)));
  return vpadalq_s16(sum,
                     vmlal_s8(vmull_s8(vget_high_s8(low), vget_high_s8(q0)), vget_high_s8(high), vget_high_s8(q1)));
}

static int32_t dot_u8(const int8_t *q, const uint8_t *code, size_t padded) {
  int32x4_t sums[2] = {vdupq_n_s32(0), vdupq_n_s32(0)};
  for (size_t j = 0; j < padded; j += 32) {
    sums[0] = add_products(sums[0], vld1q_u8(code + j), vld1q_s8(q + j));
    sums[1] = add_products(sums[1], vld1q_u8(code + j + 16), vld1q_s8(q + j + 16));
  }
  return vaddvq_s32(vaddq_s32(sums[0], sums[1]));
}

static int32_t dot_u4(const int8_t *q, const uint8_t *code, size_t padded) {
  int32x4_t sums[2] = {vdupq_n_s32(0), vdupq_n_s32(0)};
  for (size_t block = 0; block < padded; block += 128, code += 64)
    for (size_t j = 0; j < 64; j += 32) {
      const int8_t *first = q + block + j;
      sums[0] = add_nibbles(sums[0], vld1q_u8(code + j), vld1q_s8(first), vld1q_s8(first + 64));
      sums[1] = add_nibbles(sums[1], vld1q_u8(code + j + 16), vld1q_s8(first + 16), vld1q_s8(first + 80));
    }
  return vaddvq_s32(vaddq_s32(sums[0], sums[1]));
}

CK_INLINE void score_gather(int bits, const ck_code_query *q, const ck_code_rows *rows, const int32_t *ids, size_t n,
                            float *out) {
  size_t bytes = bits == 8 ? rows->padded : rows->padded / 2;
  for (size_t i = 0; i < n; i++) {
    if (i + 4 < n) {
      const uint8_t *ahead = rows->codes + (size_t)ids[i + 4] * rows->code_stride;
      for (size_t line = 0; line < bytes; line += 64) __builtin_prefetch(ahead + line);
      __builtin_prefetch(rows->meta + (size_t)ids[i + 4] * rows->meta_stride);
    }
    const uint8_t *code = rows->codes + (size_t)ids[i] * rows->code_stride;
    out[i] = ck_code_score(q, rows, ids[i],
                           bits == 8 ? dot_u8(q->q8, code, rows->padded) : dot_u4(q->q8, code, rows->padded));
  }
}

void ck_neon_score_u8_gather(const ck_code_query *q, const ck_code_rows *rows, const int32_t *ids, size_t n,
                             float *out) {
  score_gather(8, q, rows, ids, n, out);
}

void ck_neon_score_u4_gather(const ck_code_query *q, const ck_code_rows *rows, const int32_t *ids, size_t n,
                             float *out) {
  score_gather(4, q, rows, ids, n, out);
}

/// n <= 3 queries x 32 rows in 24 accumulators.
CK_INLINE void float_panel(size_t n, const float *q, size_t qstride, const float *panel, size_t d, float *out,
                           size_t ldo) {
  float32x4_t sums[3][8];
  for (size_t i = 0; i < n; i++)
    for (int h = 0; h < 8; h++) sums[i][h] = vdupq_n_f32(0);
  for (size_t j = 0; j < d; j++, panel += CK_PANEL_ROWS)
    for (int h = 0; h < 8; h++) {
      float32x4_t rows = vld1q_f32(panel + 4 * h);
      for (size_t i = 0; i < n; i++) sums[i][h] = vfmaq_n_f32(sums[i][h], rows, q[i * qstride + j]);
    }
  for (size_t i = 0; i < n; i++)
    for (int h = 0; h < 8; h++) vst1q_f32(out + i * ldo + 4 * h, sums[i][h]);
}

void ck_neon_ip_f32_panels(const float *q, size_t nq, size_t qstride, const float *panels, size_t np, size_t d,
                           float *out, size_t ldo) {
  for (size_t p = 0; p < np; p++) {
    const float *panel = panels + p * d * CK_PANEL_ROWS;
    size_t i = 0;
    for (; i + 3 <= nq; i += 3) float_panel(3, q + i * qstride, qstride, panel, d, out + i * ldo + p * 32, ldo);
    for (; i < nq; i++) float_panel(1, q + i * qstride, qstride, panel, d, out + i * ldo + p * 32, ldo);
  }
}

/// Four query bytes, twice over, as 16-bit numbers.
CK_INLINE int16x8_t widen_four(const int8_t *q) {
  int32_t four;
  memcpy(&four, q, sizeof four);
  return vmovl_s8(vreinterpret_s8_s32(vdup_n_s32(four)));
}

/// The four-byte dot products of four rows; a product of a code and a byte just fits in 16 bits.
CK_INLINE int32x4_t four_rows(uint8x16_t cells, int16x8_t q) {
  int16x8_t low = vmulq_s16(vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(cells))), q);
  int16x8_t high = vmulq_s16(vreinterpretq_s16_u16(vmovl_u8(vget_high_u8(cells))), q);
  return vpaddq_s32(vpaddlq_s16(low), vpaddlq_s16(high));
}

CK_INLINE void code_panel(int bits, const int8_t *q, const uint8_t *panel, size_t padded, int32_t *out) {
  int32x4_t sums[8];
  for (int h = 0; h < 8; h++) sums[h] = vdupq_n_s32(0);
  for (size_t j = 0; j < padded; j += bits == 8 ? 4 : 8, panel += 128) {
    int16x8_t q0 = widen_four(q + j);
    int16x8_t q1 = bits == 8 ? q0 : widen_four(q + j + 4);
    for (int h = 0; h < 8; h++) {
      uint8x16_t cells = vld1q_u8(panel + 16 * h);
      if (bits == 8) {
        sums[h] = vaddq_s32(sums[h], four_rows(cells, q0));
      } else {
        sums[h] = vaddq_s32(sums[h], four_rows(vandq_u8(cells, vdupq_n_u8(15)), q0));
        sums[h] = vaddq_s32(sums[h], four_rows(vshrq_n_u8(cells, 4), q1));
      }
    }
  }
  for (int h = 0; h < 8; h++) vst1q_s32(out + 4 * h, sums[h]);
}

void ck_neon_dot_u8_panels(const int8_t *q, size_t nq, size_t qstride, const uint8_t *panels, size_t np,
                           size_t padded, int32_t *out, size_t ldo) {
  for (size_t p = 0; p < np; p++)
    for (size_t i = 0; i < nq; i++)
      code_panel(8, q + i * qstride, panels + p * padded * 32, padded, out + i * ldo + p * 32);
}

void ck_neon_dot_u4_panels(const int8_t *q, size_t nq, size_t qstride, const uint8_t *panels, size_t np,
                           size_t padded, int32_t *out, size_t ldo) {
  for (size_t p = 0; p < np; p++)
    for (size_t i = 0; i < nq; i++)
      code_panel(4, q + i * qstride, panels + p * padded * 16, padded, out + i * ldo + p * 32);
}

CK_INLINE void add_saturating(uint16x8_t sums[2], uint8x16_t values) {
  sums[0] = vqaddq_u16(sums[0], vmovl_u8(vget_low_u8(values)));
  sums[1] = vqaddq_u16(sums[1], vmovl_u8(vget_high_u8(values)));
}

void ck_neon_pq4_scan(const uint8_t *luts, size_t m, const uint8_t *blocks, size_t nblocks, uint16_t *out) {
  for (size_t b = 0; b < nblocks; b++, out += 32) {
    uint16x8_t sums[4];
    for (int i = 0; i < 4; i++) sums[i] = vdupq_n_u16(0);
    for (size_t pair = 0; pair < m / 2; pair++, blocks += 32) {
      uint8x16_t low_table = vld1q_u8(luts + pair * 32), high_table = vld1q_u8(luts + pair * 32 + 16);
      for (int h = 0; h < 2; h++) {
        uint8x16_t codes = vld1q_u8(blocks + 16 * h);
        add_saturating(sums + 2 * h, vqtbl1q_u8(low_table, vandq_u8(codes, vdupq_n_u8(15))));
        add_saturating(sums + 2 * h, vqtbl1q_u8(high_table, vshrq_n_u8(codes, 4)));
      }
    }
    for (int i = 0; i < 4; i++) vst1q_u16(out + 8 * i, sums[i]);
  }
}

size_t ck_neon_select_below(const float *scores, size_t n, float bound, int32_t base, int32_t *out_ids,
                            float *out_scores) {
  float32x4_t limit = vdupq_n_f32(bound);
  size_t count = 0;
  for (size_t i = 0; i < n; i += 4) {
    size_t left = n - i < 4 ? n - i : 4;
    if (left == 4 && vmaxvq_u32(vcltq_f32(vld1q_f32(scores + i), limit)) == 0) continue;
    for (size_t r = i; r < i + left; r++)
      if (scores[r] < bound) {
        out_ids[count] = base + (int32_t)r;
        out_scores[count++] = scores[r];
      }
  }
  return count;
}
#endif
