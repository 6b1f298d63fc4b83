// The reference that the tests hold every other implementation against, and the fallback on unknown CPUs. Plain C, in
// lanes where a compiler can then vectorise a float sum.
#include "kernels.h"

enum { LANES = 16 };

static float sum_lanes(const float lanes[LANES]) {
  float sum = 0;
  for (int i = 0; i < LANES; i++) sum += lanes[i];
  return sum;
}

static float l2_f32(const float *a, const float *b, size_t d) {
  float lanes[LANES] = {0}, rest = 0;
  size_t j = 0;
  for (; j + LANES <= d; j += LANES)
    for (int i = 0; i < LANES; i++) {
      float difference = a[j + i] - b[j + i];
      lanes[i] += difference * difference;
    }
  for (; j < d; j++) rest += (a[j] - b[j]) * (a[j] - b[j]);
  return sum_lanes(lanes) + rest;
}

static float ip_f32(const float *a, const float *b, size_t d) {
  float lanes[LANES] = {0}, rest = 0;
  size_t j = 0;
  for (; j + LANES <= d; j += LANES)
    for (int i = 0; i < LANES; i++) lanes[i] += a[j + i] * b[j + i];
  for (; j < d; j++) rest += a[j] * b[j];
  return sum_lanes(lanes) + rest;
}

static float cosine_f32(const float *a, const float *b, size_t d) {
  return ck_float_cosine(ip_f32(a, b, d), ip_f32(a, a, d), ip_f32(b, b, d));
}

#define BYTE_PAIRS(SUFFIX, TYPE)                                                          \
  static int32_t l2_##SUFFIX(const TYPE *a, const TYPE *b, size_t d) {                    \
    int32_t sum = 0;                                                                      \
    for (size_t j = 0; j < d; j++) sum += ((int32_t)a[j] - b[j]) * ((int32_t)a[j] - b[j]); \
    return sum;                                                                           \
  }                                                                                       \
  static int32_t ip_##SUFFIX(const TYPE *a, const TYPE *b, size_t d) {                    \
    int32_t sum = 0;                                                                      \
    for (size_t j = 0; j < d; j++) sum += (int32_t)a[j] * b[j];                           \
    return sum;                                                                           \
  }                                                                                       \
  static float cosine_##SUFFIX(const TYPE *a, const TYPE *b, size_t d) {                  \
    return ck_integer_cosine(ip_##SUFFIX(a, b, d), ip_##SUFFIX(a, a, d), ip_##SUFFIX(b, b, d)); \
  }

BYTE_PAIRS(i8, int8_t)
BYTE_PAIRS(u8, uint8_t)

static float l2_f16(const float *a, const uint16_t *b, size_t d) {
  float sum = 0;
  for (size_t j = 0; j < d; j++) {
    float difference = a[j] - ck_from_half(b[j]);
    sum += difference * difference;
  }
  return sum;
}

static float ip_f16(const float *a, const uint16_t *b, size_t d) {
  float sum = 0;
  for (size_t j = 0; j < d; j++) sum += a[j] * ck_from_half(b[j]);
  return sum;
}

#define GATHER(NAME, TYPE)                                                                                 \
  static void NAME##_gather(const float *q, const TYPE *base, size_t stride, size_t d, const int32_t *ids, \
                            size_t n, float *out) {                                                        \
    for (size_t i = 0; i < n; i++) out[i] = NAME(q, base + (size_t)ids[i] * stride, d);                    \
  }

GATHER(l2_f32, float)
GATHER(ip_f32, float)
GATHER(l2_f16, uint16_t)
GATHER(ip_f16, uint16_t)

#define ROWS(NAME)                                                                                            \
  static void NAME##_rows(const float *q, const float *rows, size_t stride, size_t d, size_t n, float *out) { \
    for (size_t i = 0; i < n; i++) out[i] = NAME(q, rows + i * stride, d);                                    \
  }

ROWS(l2_f32)
ROWS(ip_f32)

static void score_u8_gather(const ck_code_query *q, const ck_code_rows *rows, const int32_t *ids, size_t n, float *out) {
  for (size_t i = 0; i < n; i++) {
    const uint8_t *code = rows->codes + (size_t)ids[i] * rows->code_stride;
    int32_t raw = 0;
    for (size_t j = 0; j < rows->padded; j++) raw += (int32_t)q->q8[j] * code[j];
    out[i] = ck_code_score(q, rows, ids[i], raw);
  }
}

static void score_u4_gather(const ck_code_query *q, const ck_code_rows *rows, const int32_t *ids, size_t n, float *out) {
  for (size_t i = 0; i < n; i++) {
    const uint8_t *code = rows->codes + (size_t)ids[i] * rows->code_stride;
    int32_t raw = 0;
    for (size_t block = 0; block < rows->padded; block += 128)
      for (size_t j = 0; j < 64; j++) {
        uint8_t pair = code[block / 2 + j];
        raw += (int32_t)q->q8[block + j] * (pair & 15) + (int32_t)q->q8[block + 64 + j] * (pair >> 4);
      }
    out[i] = ck_code_score(q, rows, ids[i], raw);
  }
}

static void ip_f32_panels(const float *q, size_t nq, size_t qstride, const float *panels, size_t np, size_t d,
                          float *out, size_t ldo) {
  for (size_t p = 0; p < np; p++)
    for (size_t i = 0; i < nq; i++) {
      const float *panel = panels + p * d * CK_PANEL_ROWS;
      float sums[CK_PANEL_ROWS] = {0};
      for (size_t j = 0; j < d; j++)
        for (int r = 0; r < CK_PANEL_ROWS; r++) sums[r] += q[i * qstride + j] * panel[j * CK_PANEL_ROWS + r];
      memcpy(out + i * ldo + p * CK_PANEL_ROWS, sums, sizeof sums);
    }
}

static void dot_u8_panels(const int8_t *q, size_t nq, size_t qstride, const uint8_t *panels, size_t np, size_t padded,
                          int32_t *out, size_t ldo) {
  for (size_t p = 0; p < np; p++)
    for (size_t i = 0; i < nq; i++) {
      const uint8_t *cell = panels + p * padded * CK_PANEL_ROWS;
      int32_t sums[CK_PANEL_ROWS] = {0};
      for (size_t j = 0; j < padded; j += 4)
        for (int r = 0; r < CK_PANEL_ROWS; r++, cell += 4)
          for (int e = 0; e < 4; e++) sums[r] += (int32_t)q[i * qstride + j + e] * cell[e];
      memcpy(out + i * ldo + p * CK_PANEL_ROWS, sums, sizeof sums);
    }
}

static void dot_u4_panels(const int8_t *q, size_t nq, size_t qstride, const uint8_t *panels, size_t np, size_t padded,
                          int32_t *out, size_t ldo) {
  for (size_t p = 0; p < np; p++)
    for (size_t i = 0; i < nq; i++) {
      const uint8_t *cell = panels + p * padded / 2 * CK_PANEL_ROWS;
      int32_t sums[CK_PANEL_ROWS] = {0};
      for (size_t j = 0; j < padded; j += 8) {
        const int8_t *eight = q + i * qstride + j;
        for (int r = 0; r < CK_PANEL_ROWS; r++, cell += 4)
          for (int e = 0; e < 4; e++)
            sums[r] += (int32_t)eight[e] * (cell[e] & 15) + (int32_t)eight[4 + e] * (cell[e] >> 4);
      }
      memcpy(out + i * ldo + p * CK_PANEL_ROWS, sums, sizeof sums);
    }
}

static void pq4_scan(const uint8_t *luts, size_t m, const uint8_t *blocks, size_t nblocks, uint16_t *out) {
  for (size_t b = 0; b < nblocks; b++) {
    uint32_t sums[32] = {0};
    for (size_t pair = 0; pair < m / 2; pair++, blocks += 32)
      for (int r = 0; r < 32; r++)
        sums[r] += luts[pair * 32 + (blocks[r] & 15)] + luts[pair * 32 + 16 + (blocks[r] >> 4)];
    for (int r = 0; r < 32; r++) out[b * 32 + r] = sums[r] < 65535 ? (uint16_t)sums[r] : 65535;
  }
}

static size_t select_below(const float *scores, size_t n, float bound, int32_t base, int32_t *out_ids,
                           float *out_scores) {
  size_t count = 0;
  for (size_t i = 0; i < n; i++)
    if (scores[i] < bound) {
      out_ids[count] = base + (int32_t)i;
      out_scores[count++] = scores[i];
    }
  return count;
}

static void f16_from_f32(const float *in, size_t n, uint16_t *out) {
  for (size_t i = 0; i < n; i++) out[i] = ck_to_half(in[i]);
}

const ck_kernels ck_kernels_scalar = {
    .name = "scalar",
    .l2_f32 = l2_f32,
    .ip_f32 = ip_f32,
    .cosine_f32 = cosine_f32,
    .l2_i8 = l2_i8,
    .ip_i8 = ip_i8,
    .l2_u8 = l2_u8,
    .ip_u8 = ip_u8,
    .cosine_i8 = cosine_i8,
    .cosine_u8 = cosine_u8,
    .l2_f32_gather = l2_f32_gather,
    .ip_f32_gather = ip_f32_gather,
    .l2_f16_gather = l2_f16_gather,
    .ip_f16_gather = ip_f16_gather,
    .score_u8_gather = score_u8_gather,
    .score_u4_gather = score_u4_gather,
    .l2_f32_rows = l2_f32_rows,
    .ip_f32_rows = ip_f32_rows,
    .ip_f32_panels = ip_f32_panels,
    .dot_u8_panels = dot_u8_panels,
    .dot_u4_panels = dot_u4_panels,
    .pq4_scan = pq4_scan,
    .select_below = select_below,
    .pool_insert = ck_pool_insert,
    .f16_from_f32 = f16_from_f32,
};
