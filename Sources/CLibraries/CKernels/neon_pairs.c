// NEON: two vectors, or one query and rows, against each other. Base ARMv8: neither dot-product nor half-precision
// arithmetic instructions are assumed.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "kernels.h"
#include "neon_table.h"

enum product { L2, IP };
enum element { F32, F16 };

CK_INLINE float32x4_t load_row(enum element element, const void *row, size_t j) {
  if (element == F32) return vld1q_f32((const float *)row + j);
  return vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16((const uint16_t *)row + j)));
}

CK_INLINE float32x4_t accumulate(enum product product, float32x4_t sum, float32x4_t a, float32x4_t b) {
  if (product == IP) return vfmaq_f32(sum, a, b);
  float32x4_t difference = vsubq_f32(a, b);
  return vfmaq_f32(sum, difference, difference);
}

CK_INLINE float one_row(enum product product, enum element element, const float *q, const void *row, size_t d) {
  float32x4_t sums[4];
  for (int i = 0; i < 4; i++) sums[i] = vdupq_n_f32(0);
  size_t j = 0;
  for (; j + 16 <= d; j += 16)
    for (size_t i = 0; i < 4; i++)
      sums[i] = accumulate(product, sums[i], vld1q_f32(q + j + 4 * i), load_row(element, row, j + 4 * i));
  for (; j + 4 <= d; j += 4) sums[0] = accumulate(product, sums[0], vld1q_f32(q + j), load_row(element, row, j));
  if (j < d) {
    float q_end[4] = {0}, row_end[4] = {0};
    size_t width = element == F32 ? 4 : 2;
    memcpy(q_end, q + j, (d - j) * 4);
    memcpy(row_end, (const char *)row + j * width, (d - j) * width);
    sums[1] = accumulate(product, sums[1], vld1q_f32(q_end), load_row(element, row_end, 0));
  }
  return vaddvq_f32(vaddq_f32(vaddq_f32(sums[0], sums[1]), vaddq_f32(sums[2], sums[3])));
}

float ck_neon_l2_f32(const float *a, const float *b, size_t d) { return one_row(L2, F32, a, b, d); }
float ck_neon_ip_f32(const float *a, const float *b, size_t d) { return one_row(IP, F32, a, b, d); }

float ck_neon_cosine_f32(const float *a, const float *b, size_t d) {
  return ck_float_cosine(one_row(IP, F32, a, b, d), one_row(IP, F32, a, a, d), one_row(IP, F32, b, b, d));
}

/// Row i is ids[i], or i itself where there are no ids. The next row is fetched while one is read.
CK_INLINE void many_rows(enum product product, enum element element, const float *q, const void *base, size_t stride,
                         size_t d, const int32_t *ids, size_t n, float *out) {
  size_t width = element == F32 ? 4 : 2, bytes = stride * width;
  for (size_t i = 0; i < n; i++) {
    if (i + 1 < n) {
      const char *next = (const char *)base + (ids ? (size_t)ids[i + 1] : i + 1) * bytes;
      for (size_t line = 0; line < d * width; line += 64) __builtin_prefetch(next + line);
    }
    out[i] = one_row(product, element, q, (const char *)base + (ids ? (size_t)ids[i] : i) * bytes, d);
  }
}

#define FLOAT_KERNELS(NAME, PRODUCT)                                                                         \
  void ck_neon_##NAME##_f32_gather(const float *q, const float *base, size_t stride, size_t d,               \
                                   const int32_t *ids, size_t n, float *out) {                               \
    many_rows(PRODUCT, F32, q, base, stride, d, ids, n, out);                                                \
  }                                                                                                          \
  void ck_neon_##NAME##_f16_gather(const float *q, const uint16_t *base, size_t stride, size_t d,            \
                                   const int32_t *ids, size_t n, float *out) {                               \
    many_rows(PRODUCT, F16, q, base, stride, d, ids, n, out);                                                \
  }                                                                                                          \
  void ck_neon_##NAME##_f32_rows(const float *q, const float *rows, size_t stride, size_t d, size_t n,       \
                                 float *out) {                                                               \
    many_rows(PRODUCT, F32, q, rows, stride, d, NULL, n, out);                                               \
  }

FLOAT_KERNELS(l2, L2)
FLOAT_KERNELS(ip, IP)

/// The last bytes of a vector and zeros.
CK_INLINE uint8x16_t load_end(const void *p, size_t left) {
  uint8_t last[16] = {0};
  memcpy(last, p, left);
  return vld1q_u8(last);
}

CK_INLINE uint8x16_t load_bytes(const void *p, size_t left) { return left >= 16 ? vld1q_u8(p) : load_end(p, left); }

/// |a - b| fits in an unsigned byte for either sign, and its square in 16 bits.
CK_INLINE uint32x4_t add_squares(uint32x4_t sum, uint8x16_t difference) {
  sum = vpadalq_u16(sum, vmull_u8(vget_low_u8(difference), vget_low_u8(difference)));
  return vpadalq_u16(sum, vmull_u8(vget_high_u8(difference), vget_high_u8(difference)));
}

int32_t ck_neon_l2_i8(const int8_t *a, const int8_t *b, size_t d) {
  uint32x4_t sum = vdupq_n_u32(0);
  for (size_t j = 0; j < d; j += 16) {
    int8x16_t x = vreinterpretq_s8_u8(load_bytes(a + j, d - j)), y = vreinterpretq_s8_u8(load_bytes(b + j, d - j));
    sum = add_squares(sum, vreinterpretq_u8_s8(vabdq_s8(x, y)));
  }
  return (int32_t)vaddvq_u32(sum);
}

int32_t ck_neon_l2_u8(const uint8_t *a, const uint8_t *b, size_t d) {
  uint32x4_t sum = vdupq_n_u32(0);
  for (size_t j = 0; j < d; j += 16)
    sum = add_squares(sum, vabdq_u8(load_bytes(a + j, d - j), load_bytes(b + j, d - j)));
  return (int32_t)vaddvq_u32(sum);
}

int32_t ck_neon_ip_i8(const int8_t *a, const int8_t *b, size_t d) {
  int32x4_t sum = vdupq_n_s32(0);
  for (size_t j = 0; j < d; j += 16) {
    int8x16_t x = vreinterpretq_s8_u8(load_bytes(a + j, d - j)), y = vreinterpretq_s8_u8(load_bytes(b + j, d - j));
    sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(x), vget_low_s8(y)));
    sum = vpadalq_s16(sum, vmull_s8(vget_high_s8(x), vget_high_s8(y)));
  }
  return vaddvq_s32(sum);
}

int32_t ck_neon_ip_u8(const uint8_t *a, const uint8_t *b, size_t d) {
  uint32x4_t sum = vdupq_n_u32(0);
  for (size_t j = 0; j < d; j += 16) {
    uint8x16_t x = load_bytes(a + j, d - j), y = load_bytes(b + j, d - j);
    sum = vpadalq_u16(sum, vmull_u8(vget_low_u8(x), vget_low_u8(y)));
    sum = vpadalq_u16(sum, vmull_u8(vget_high_u8(x), vget_high_u8(y)));
  }
  return (int32_t)vaddvq_u32(sum);
}

float ck_neon_cosine_i8(const int8_t *a, const int8_t *b, size_t d) {
  return ck_integer_cosine(ck_neon_ip_i8(a, b, d), ck_neon_ip_i8(a, a, d), ck_neon_ip_i8(b, b, d));
}

float ck_neon_cosine_u8(const uint8_t *a, const uint8_t *b, size_t d) {
  return ck_integer_cosine(ck_neon_ip_u8(a, b, d), ck_neon_ip_u8(a, a, d), ck_neon_ip_u8(b, b, d));
}

void ck_neon_f16_from_f32(const float *in, size_t n, uint16_t *out) {
  for (size_t i = 0; i < n; i += 4) {
    size_t left = n - i < 4 ? n - i : 4;
    float values[4] = {0};
    memcpy(values, in + i, left * 4);
    uint16x4_t half = vreinterpret_u16_f16(vcvt_f16_f32(vld1q_f32(values)));
    memcpy(out + i, &half, left * 2);
  }
}
#endif
