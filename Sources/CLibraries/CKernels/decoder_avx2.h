// What the two AVX2 implementations of the decoder's linear layers share: all but the products of bytes.
#include <immintrin.h>

#include "avx2_table.h"
#include "decoder.h"

#define LANES 8
#define TILE_VECTORS 2
#define GROUP_TOKENS 3

CK_AVX2_DECODER_BEGIN

#include "encoder_lanes.h"

CK_INLINE vf lanes_max(vf a, vf b) { return (vf)_mm256_max_ps((__m256)a, (__m256)b); }
CK_INLINE vf lanes_min(vf a, vf b) { return (vf)_mm256_min_ps((__m256)a, (__m256)b); }
CK_INLINE vf lanes_from_half(const char *from) { return (vf)_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)from)); }

/// Of the first and the last 16 of 32 bytes. Taken as unsigned, each is 128 too large.
CK_INLINE void lanes_byte_sums(const void *bytes, int sums[2]) {
  __m256i biased = _mm256_xor_si256(_mm256_loadu_si256((const __m256i *)bytes), _mm256_set1_epi8((char)0x80));
  __m256i eights = _mm256_sad_epu8(biased, _mm256_setzero_si256());
  __m128i low = _mm256_castsi256_si128(eights), high = _mm256_extracti128_si256(eights, 1);
  __m128i halves = _mm_add_epi64(_mm_unpacklo_epi64(low, high), _mm_unpackhi_epi64(low, high));
  sums[0] = _mm_cvtsi128_si32(halves) - 16 * 128;
  sums[1] = _mm_extract_epi32(halves, 2) - 16 * 128;
}

#if DECODER_HAS_VNNI
CK_INLINE vi lanes_dot(ck_cell_format format, vi sum, vu weights, vu row) {
  (void)format;
  return (vi)_mm256_dpbusd_avx_epi32((__m256i)sum, (__m256i)weights, (__m256i)row);
}
#else
/// vpmaddubsw adds two products in 16 bits, which weights of at most six bits cannot overflow; nor can bytes with their sign
/// moved to the other factor.
CK_INLINE vi lanes_dot(ck_cell_format format, vi sum, vu weights, vu row) {
  __m256i w = (__m256i)weights, x = (__m256i)row;
  if (format == CK_S8) {
    w = _mm256_xor_si256(w, _mm256_set1_epi8((char)0x80));
    x = _mm256_sign_epi8(x, w);
    w = _mm256_abs_epi8(w);
  }
  return sum + (vi)_mm256_madd_epi16(_mm256_maddubs_epi16(w, x), _mm256_set1_epi16(1));
}
#endif

#include "decoder_product.h"

CK_AVX2_END
