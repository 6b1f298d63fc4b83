// AVX2 with FMA: tiles of 6 x 16 sums, bf16 by float32 arithmetic.
#if defined(__x86_64__)
#include <immintrin.h>

#include "avx2_table.h"
#include "encoder.h"

#define LANES 8
#define TILE_ROWS 6
#define TILE_VECTORS 2
#define ENCODER_NAME "avx2"
#define ENCODER_TABLE ck_encoder_avx2

CK_AVX2_BEGIN

#include "encoder_lanes.h"
#include "avx2_lanes.h"

CK_INLINE vf lanes_min(vf a, vf b) { return (vf)_mm256_min_ps((__m256)a, (__m256)b); }

/// By 16 bits: vpmaddubsw would saturate.
CK_INLINE vi lanes_dot_i8(vi sum, vu weights, vu row) {
  __m256i even = _mm256_set1_epi16(0xff), w = (__m256i)weights, u = (__m256i)row;
  __m256i first = _mm256_madd_epi16(_mm256_srai_epi16(_mm256_slli_epi16(w, 8), 8), _mm256_and_si256(u, even));
  __m256i second = _mm256_madd_epi16(_mm256_srai_epi16(w, 8), _mm256_srli_epi16(u, 8));
  return sum + (vi)_mm256_add_epi32(first, second);
}

#include "encoder_product.h"
#include "encoder_attention.h"
#include "encoder_bytes.h"
#include "encoder_rows.h"

CK_AVX2_END
#endif
