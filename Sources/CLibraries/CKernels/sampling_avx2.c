// Sampling with AVX2.
#if defined(__x86_64__)
#include <immintrin.h>

#include "avx2_table.h"
#include "sampling.h"

#define LANES 8
#define SAMPLING_NAME "avx2"
#define SAMPLING_TABLE ck_sampling_avx2

CK_AVX2_BEGIN

#include "encoder_lanes.h"

CK_INLINE vf lanes_max(vf a, vf b) { return (vf)_mm256_max_ps((__m256)a, (__m256)b); }
CK_INLINE int lanes_any(vi hits) { return _mm256_movemask_ps((__m256)hits) != 0; }

CK_INLINE float lanes_highest(vf x) {
  __m128 four = _mm_max_ps(_mm256_castps256_ps128((__m256)x), _mm256_extractf128_ps((__m256)x, 1));
  __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

CK_INLINE float lanes_sum(vf x) {
  __m128 four = _mm_add_ps(_mm256_castps256_ps128((__m256)x), _mm256_extractf128_ps((__m256)x, 1));
  __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

#include "sampling_compress.h"
#include "sampling_rows.h"

CK_AVX2_END
#endif
