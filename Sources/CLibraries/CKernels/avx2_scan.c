// AVX2: product quantisation by 4-bit look-up, and selection. See avx512_scan.c for how sums are kept.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"
#include "avx2_table.h"

CK_AVX2_BEGIN

/// The 32 sums of a block, added to what is in `out` unless this is the first part.
CK_INLINE void widen(__m256i all, __m256i odd, int first, uint16_t *out) {
  __m256i even = _mm256_sub_epi16(all, _mm256_slli_epi16(odd, 8));
  __m256i low = _mm256_unpacklo_epi16(even, odd), high = _mm256_unpackhi_epi16(even, odd);
  __m256i *place = (__m256i *)out;
  __m256i rows[2] = {_mm256_permute2x128_si256(low, high, 0x20), _mm256_permute2x128_si256(low, high, 0x31)};
  for (int h = 0; h < 2; h++) {
    if (!first) rows[h] = _mm256_adds_epu16(rows[h], _mm256_loadu_si256(place + h));
    _mm256_storeu_si256(place + h, rows[h]);
  }
}

/// n <= 4 blocks over pairs [from, to), at most 128 of them: beyond that a 16-bit sum could wrap.
CK_INLINE void few_blocks(int n, const uint8_t *luts, size_t from, size_t to, const uint8_t *blocks, size_t block_bytes,
                          int first, uint16_t *out) {
  __m256i all[4], odd[4], mask = _mm256_set1_epi8(0x0f);
  for (int b = 0; b < n; b++) all[b] = odd[b] = _mm256_setzero_si256();
  for (size_t pair = from; pair < to; pair++) {
    __m256i low_table = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(luts + pair * 32)));
    __m256i high_table = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(luts + pair * 32 + 16)));
    for (int b = 0; b < n; b++) {
      __m256i codes = _mm256_loadu_si256((const __m256i *)(blocks + (size_t)b * block_bytes + pair * 32));
      __m256i low = _mm256_shuffle_epi8(low_table, _mm256_and_si256(codes, mask));
      __m256i high = _mm256_shuffle_epi8(high_table, _mm256_and_si256(_mm256_srli_epi16(codes, 4), mask));
      all[b] = _mm256_add_epi16(all[b], _mm256_add_epi16(low, high));
      odd[b] = _mm256_add_epi16(odd[b], _mm256_add_epi16(_mm256_srli_epi16(low, 8), _mm256_srli_epi16(high, 8)));
    }
  }
  for (int b = 0; b < n; b++) widen(all[b], odd[b], first, out + 32 * b);
}

void ck_avx2_pq4_scan(const uint8_t *luts, size_t m, const uint8_t *blocks, size_t nblocks, uint16_t *out) {
  size_t pairs = m / 2, block_bytes = pairs * 32, from = 0;
  do {
    size_t to = pairs - from > 128 ? from + 128 : pairs, b = 0;
    for (; b + 4 <= nblocks; b += 4)
      few_blocks(4, luts, from, to, blocks + b * block_bytes, block_bytes, from == 0, out + 32 * b);
    for (; b < nblocks; b++)
      few_blocks(1, luts, from, to, blocks + b * block_bytes, block_bytes, from == 0, out + 32 * b);
    from = to;
  } while (from < pairs);
}

size_t ck_avx2_select_below(const float *scores, size_t n, float bound, int32_t base, int32_t *out_ids,
                            float *out_scores) {
  __m256 limit = _mm256_set1_ps(bound);
  size_t count = 0;
  for (size_t i = 0; i < n; i += 8) {
    unsigned below;
    if (n - i >= 8) {
      below = (unsigned)_mm256_movemask_ps(_mm256_cmp_ps(_mm256_loadu_ps(scores + i), limit, _CMP_LT_OQ));
    } else {
      below = 0;
      for (size_t r = 0; r < n - i; r++) below |= (unsigned)(scores[i + r] < bound) << r;
    }
    for (; below; below &= below - 1) {
      size_t found = i + (size_t)__builtin_ctz(below);
      out_ids[count] = base + (int32_t)found;
      out_scores[count++] = scores[found];
    }
  }
  return count;
}

CK_AVX2_END
#endif
