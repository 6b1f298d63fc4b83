// What the two AVX-512 implementations of the paged attention share: all but bf16.
#include <immintrin.h>

#include "paged.h"

#define LANES 16
#define PAGED_ROWS 6
#define PAGED_UNITS 4
#define PAGED_COLUMNS 4

CK_AVX512_PAGED_BEGIN

#include "encoder_lanes.h"

CK_INLINE vf lanes_max(vf a, vf b) { return (vf)_mm512_max_ps((__m512)a, (__m512)b); }
CK_INLINE float lanes_sum(vf x) { return _mm512_reduce_add_ps((__m512)x); }
CK_INLINE float lanes_highest(vf x) { return _mm512_reduce_max_ps((__m512)x); }

CK_INLINE vf lanes_dot_bf16(vf sum, vu weights, vu row) {
#if PAGED_HAS_BF16
  return (vf)_mm512_dpbf16_ps((__m512)sum, (__m512bh)weights, (__m512bh)row);
#else
  return widened_bf16_dot(sum, weights, row);
#endif
}

CK_INLINE void lanes_store_bf16(char *to, vf x) {
#if PAGED_HAS_BF16
  _mm256_storeu_si256((__m256i *)to, (__m256i)_mm512_cvtneps_pbh((__m512)x));
#else
  _mm256_storeu_si256((__m256i *)to, _mm512_cvtepi32_epi16((__m512i)rounded_bf16(x)));
#endif
}

#include "paged_attention.h"
#include "paged_store.h"

_Pragma("clang attribute pop")
