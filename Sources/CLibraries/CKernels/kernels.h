// What the implementations share: their tables and the few formulas that must agree on all of them to the last bit.
#ifndef CK_KERNELS_H
#define CK_KERNELS_H

#include "CKernels.h"

#include <math.h>
#include <string.h>

#define CK_INLINE static inline __attribute__((always_inline))

extern const ck_kernels ck_kernels_scalar;
#if defined(__x86_64__)
extern const ck_kernels ck_kernels_avx2;
extern const ck_kernels ck_kernels_avx512;
#elif defined(__aarch64__)
extern const ck_kernels ck_kernels_neon;
#endif

/// From exact integer sums, so that every implementation rounds alike.
CK_INLINE float ck_integer_cosine(int64_t dot, int64_t a, int64_t b) {
  if (a == 0 || b == 0) return 0;
  return (float)((double)dot / (sqrt((double)a) * sqrt((double)b)));
}

/// In double, because the product of two squared norms leaves float32's range early.
CK_INLINE float ck_float_cosine(float dot, float a, float b) {
  if (a == 0 || b == 0) return 0;
  return (float)((double)dot / (sqrt((double)a) * sqrt((double)b)));
}

/// Never fused: a graph built on code scores must come out the same on every instruction set.
CK_INLINE float ck_code_score(const ck_code_query *q, const ck_code_rows *rows, int32_t id, int32_t raw) {
#pragma STDC FP_CONTRACT OFF
  float meta[2];
  memcpy(meta, rows->meta + (ptrdiff_t)id * (ptrdiff_t)rows->meta_stride, sizeof meta);
  float factor = meta[0] * q->weight;
  float product = factor * (float)(raw - q->offset);
  return meta[1] + product;
}

/// IEEE 754 binary16, as bits.
CK_INLINE float ck_from_half(uint16_t half) {
  uint32_t sign = (uint32_t)(half & 0x8000) << 16, exponent = (half >> 10) & 31, mantissa = half & 0x3ff;
  float magnitude;
  uint32_t bits;
  if (exponent == 0) {
    magnitude = (float)mantissa * 0x1p-24f;
    memcpy(&bits, &magnitude, sizeof bits);
  } else {
    bits = (exponent == 31 ? 255 : exponent + 112) << 23 | mantissa << 13;
  }
  bits |= sign;
  memcpy(&magnitude, &bits, sizeof bits);
  return magnitude;
}

/// To nearest, ties to even.
CK_INLINE uint16_t ck_to_half(float value) {
  uint32_t bits;
  memcpy(&bits, &value, sizeof bits);
  uint16_t sign = (uint16_t)(bits >> 16 & 0x8000);
  bits &= 0x7fffffff;
  if (bits > 0x7f800000) return sign | 0x7e00 | (bits >> 13 & 0x3ff);
  if (bits >= 0x47800000) return sign | 0x7c00;
  if (bits < 0x38800000) {
    // Below the normal range the rounding is done by adding a number whose last place is half's smallest step.
    float magnitude;
    memcpy(&magnitude, &bits, sizeof bits);
    magnitude += 0.5f;
    memcpy(&bits, &magnitude, sizeof bits);
    return sign | (uint16_t)(bits - 0x3f000000);
  }
  bits += 0xfff + (bits >> 13 & 1);
  return sign | (uint16_t)((bits >> 13) - (112 << 10));
}

/// A score and an id as a pool's key.
CK_INLINE uint64_t ck_pool_key(float score, int32_t id) {
  uint32_t bits;
  memcpy(&bits, &score, sizeof bits);
  bits ^= (bits >> 31 ? 0xffffffffu : 0x80000000u);
  return (uint64_t)bits << 32 | (uint32_t)id << 1;
}

/// pool_insert for CPUs that cannot compare 64-bit lanes unsigned.
size_t ck_pool_insert(uint64_t *keys, size_t capacity, const float *scores, const int32_t *ids, size_t n);

#endif
