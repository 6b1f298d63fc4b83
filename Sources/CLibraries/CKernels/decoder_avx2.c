// AVX2 with FMA: groups of 3 tokens by 16 rows.
#if defined(__x86_64__)
#include <immintrin.h>

#include "avx2_table.h"
#include "decoder.h"

#define LANES 8
#define TILE_VECTORS 2
#define GROUP_TOKENS 3
#define DECODER_NAME "avx2"
#define DECODER_TABLE ck_decoder_avx2

CK_AVX2_BEGIN

#include "encoder_lanes.h"

CK_INLINE vf lanes_max(vf a, vf b) { return (vf)_mm256_max_ps((__m256)a, (__m256)b); }
CK_INLINE vf lanes_min(vf a, vf b) { return (vf)_mm256_min_ps((__m256)a, (__m256)b); }
CK_INLINE vf lanes_from_half(const char *from) { return (vf)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)from)); }

/// vpmaddubsw adds two products in 16 bits, which weights of at most six bits cannot overflow; whole bytes go by 16 bits.
CK_INLINE vi lanes_dot(ck_cell_format format, vi sum, vu weights, vu row) {
  __m256i w = (__m256i)weights, x = (__m256i)row;
  if (format != CK_S8)
    return sum + (vi)_mm256_madd_epi16(_mm256_maddubs_epi16(w, x), _mm256_set1_epi16(1));
  __m256i even = _mm256_madd_epi16(
      _mm256_and_si256(w, _mm256_set1_epi16(0xff)), _mm256_srai_epi16(_mm256_slli_epi16(x, 8), 8));
  __m256i odd = _mm256_madd_epi16(_mm256_srli_epi16(w, 8), _mm256_srai_epi16(x, 8));
  return sum + (vi)_mm256_add_epi32(even, odd);
}

/// Of the first and the last 16 of 32 bytes. Taken as unsigned, each is 128 too large.
CK_INLINE void lanes_byte_sums(const void *bytes, int sums[2]) {
  __m256i biased = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)bytes), _mm256_set1_epi8((char)0x80));
  __m256i eights = _mm256_sad_epu8(biased, _mm256_setzero_si256());
  __m128i low = _mm256_castsi256_si128(eights), high = _mm256_extracti128_si256(eights, 1);
  __m128i halves = _mm_add_epi64(_mm_unpacklo_epi64(low, high), _mm_unpackhi_epi64(low, high));
  sums[0] = _mm_cvtsi128_si32(halves) - 16 * 128;
  sums[1] = _mm_extract_epi32(halves, 2) - 16 * 128;
}

#include "decoder_product.h"

CK_AVX2_END
#endif
