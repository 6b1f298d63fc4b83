// What the implementations of the encoder's kernels share.
#ifndef CK_ENCODER_H
#define CK_ENCODER_H

#include "CEncoder.h"
#include "kernels.h"

extern const ck_encoder_kernels ck_encoder_scalar;
#if defined(__x86_64__)
extern const ck_encoder_kernels ck_encoder_avx2;
extern const ck_encoder_kernels ck_encoder_avx512;
extern const ck_encoder_kernels ck_encoder_avx512bf16;
#elif defined(__aarch64__)
extern const ck_encoder_kernels ck_encoder_neon;
#endif

/// Rows of activations in a tile of the widest implementation.
enum { CK_TALLEST_TILE = 14 };

/// gelu(x) = x (1/2 + c P(t)), c = x clamped to +-B, t = 2 c^2 / B^2 - 1: minimax fits of (Phi(x) - 1/2) / x.
/// B = 5.2: error 9.6e-7. B = 4.4: error 2.6e-5, less than half a unit of bf16.
#define CK_GELU_BOUND 5.2f
#define CK_GELU_TERMS                                                                                               \
  {0.135949984f, -0.0677436218f, 0.0500256158f, -0.0399319865f, 0.031973917f, -0.0246988386f, 0.0180387758f,        \
   -0.0126196658f, 0.00836509187f, -0.00454230374f, 0.00200518477f, -0.00146878127f, 0.00118868402f, -0.000388232671f}
#define CK_GELU_SHORT_BOUND 4.4f
#define CK_GELU_SHORT_TERMS                                                                                      \
  {0.160404414f, -0.0786123127f, 0.0552505292f, -0.0400892124f, 0.0268021319f, -0.0159770455f, 0.0109879626f,    \
   -0.00788413826f, 0.00275408803f}

/// 2^x on [-1/2, 1/2]: relative error 7.5e-8 and 7.5e-5.
#define CK_EXP2_TERMS {1.00000012f, 0.693146944f, 0.240221202f, 0.0555071346f, 0.00967554562f, 0.00132764771f}
#define CK_EXP2_SHORT_TERMS {0.999928057f, 0.693261027f, 0.242611423f, 0.0551717132f}

CK_INLINE uint16_t ck_round_bf16(float x) {
  uint32_t bits;
  memcpy(&bits, &x, sizeof bits);
  if ((bits & 0x7fffffff) > 0x7f800000) return (uint16_t)(bits >> 16 | 0x40);
  return (uint16_t)((bits + 0x7fff + (bits >> 16 & 1)) >> 16);
}

CK_INLINE float ck_from_bf16(uint16_t x) {
  uint32_t bits = (uint32_t)x << 16;
  float f;
  memcpy(&f, &bits, sizeof f);
  return f;
}

/// How the values of a row become bytes: round(x * inverse) + zero.
typedef struct {
  float scale, inverse, zero;
} ck_byte_range;

CK_INLINE ck_byte_range ck_byte_range_of(float low, float high) {
  // Equal values still need a scale, and a zero that is exact in float.
  float range = fmaxf(high - low, fmaxf(fmaxf(fabsf(low), fabsf(high)) * 1e-3f, 1e-30f));
  // Not 255: the two roundings may go up by a half each, and the sum must stay a byte.
  float inverse = 254.9f / range;
  return (ck_byte_range){range / 254.9f, inverse, rintf(-low * inverse)};
}

CK_INLINE size_t ck_padded(size_t n) { return (n + 31) / 32 * 32; }

/// Scratch of attention: panels of 32 keys, [padded/32][width/q][32][one cell]; panels of 32 columns of the values,
/// [width/32][length/q][32][one cell]; the scores of a tile of queries.
CK_INLINE size_t ck_values_offset(size_t length, size_t width) { return ck_padded(length) * width * 4; }
CK_INLINE size_t ck_scores_offset(size_t length, size_t width) { return 2 * ck_values_offset(length, width); }
/// An odd number of cache lines, so that the rows of a tile do not share their sets.
CK_INLINE size_t ck_score_stride(size_t length) { return ck_padded(length) * 4 + 64; }

#endif
