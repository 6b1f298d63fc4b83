// AVX-512 with VNNI: groups of 6 tokens by 32 rows.
#if defined(__x86_64__)
#include <immintrin.h>

#include "decoder.h"

#define LANES 16
#define TILE_VECTORS 2
#define GROUP_TOKENS 6
#define SIGNED_BYTES 0
#define DECODER_NAME "avx512"
#define DECODER_TABLE ck_decoder_avx512

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))), apply_to = function)

#include "encoder_lanes.h"

CK_INLINE vf lanes_max(vf a, vf b) { return (vf)_mm512_max_ps((__m512)a, (__m512)b); }
CK_INLINE vf lanes_min(vf a, vf b) { return (vf)_mm512_min_ps((__m512)a, (__m512)b); }
CK_INLINE vf lanes_from_half(const char *from) {
  return (vf)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)from));
}

CK_INLINE vi lanes_dot(ck_cell_format format, vi sum, vu weights, vu row) {
  (void)format;
  return (vi)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)weights, (__m512i)row);
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

#pragma clang attribute pop
#endif
