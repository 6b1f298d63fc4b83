// Sampling with AVX-512.
#if defined(__x86_64__)
#include <immintrin.h>

#include "avx512_table.h"
#include "sampling.h"

#define LANES 16
#define SAMPLING_NAME "avx512"
#define SAMPLING_TABLE ck_sampling_avx512

CK_AVX512_BEGIN

#include "encoder_lanes.h"

CK_INLINE vf lanes_max(vf a, vf b) { return (vf)_mm512_max_ps((__m512)a, (__m512)b); }
CK_INLINE float lanes_highest(vf x) { return _mm512_reduce_max_ps((__m512)x); }
CK_INLINE float lanes_sum(vf x) { return _mm512_reduce_add_ps((__m512)x); }
CK_INLINE int lanes_any(vi hits) { return _mm512_movepi32_mask((__m512i)hits) != 0; }

/// By way of registers: compressing straight into memory takes a hundred cycles on Zen 4.
CK_INLINE size_t lanes_compress(vi hits, vf x, int32_t first, int32_t *ids, float *logits) {
  __mmask16 mask = _mm512_movepi32_mask((__m512i)hits);
  vi places = lane_numbers() + first;
  _mm512_storeu_ps(logits, _mm512_maskz_compress_ps(mask, (__m512)x));
  _mm512_storeu_si512(ids, _mm512_maskz_compress_epi32(mask, (__m512i)places));
  return (size_t)__builtin_popcount(mask);
}

#include "sampling_rows.h"

CK_AVX512_END
#endif
