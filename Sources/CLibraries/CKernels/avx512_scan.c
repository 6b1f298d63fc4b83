// AVX-512: product quantisation by 4-bit look-up, and selection.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"
#include "avx512_table.h"

CK_AVX512_BEGIN
#include "avx512.h"

/// Adds two pairs of sub-quantisers of one block. Sums are 16 bits wide: `all` takes each byte and its upper neighbour
/// times 256, `odd` the upper bytes alone, which `widen` subtracts again (Andre, Kermarrec and Le Scouarnec 2015, as in
/// faiss).
CK_INLINE void look_up(__m512i codes, __m512i low_table, __m512i high_table, __m512i *all, __m512i *odd) {
  __m512i mask = _mm512_set1_epi8(0x0f);
  __m512i low = _mm512_shuffle_epi8(low_table, _mm512_and_si512(codes, mask));
  __m512i high = _mm512_shuffle_epi8(high_table, _mm512_and_si512(_mm512_srli_epi16(codes, 4), mask));
  *all = _mm512_add_epi16(*all, _mm512_add_epi16(low, high));
  *odd = _mm512_add_epi16(*odd, _mm512_add_epi16(_mm512_srli_epi16(low, 8), _mm512_srli_epi16(high, 8)));
}

/// The 32 sums of a block, added to what is in `out` unless this is the first part.
CK_INLINE void widen(__m512i all, __m512i odd, int first, uint16_t *out) {
  __m512i even = _mm512_sub_epi16(all, _mm512_slli_epi16(odd, 8));
  __m512i low = _mm512_unpacklo_epi16(even, odd), high = _mm512_unpackhi_epi16(even, odd);
  __m256i low_rows = _mm256_adds_epu16(_mm512_castsi512_si256(low), _mm512_extracti64x4_epi64(low, 1));
  __m256i high_rows = _mm256_adds_epu16(_mm512_castsi512_si256(high), _mm512_extracti64x4_epi64(high, 1));
  __m512i sums = _mm512_inserti64x4(_mm512_castsi256_si512(_mm256_permute2x128_si256(low_rows, high_rows, 0x20)),
                                    _mm256_permute2x128_si256(low_rows, high_rows, 0x31), 1);
  if (!first) sums = _mm512_adds_epu16(sums, _mm512_loadu_si512(out));
  _mm512_storeu_si512(out, sums);
}

/// n <= 4 blocks over pairs [from, to), at most 256 of them: beyond that a 16-bit sum could wrap.
CK_INLINE void few_blocks(int n, const uint8_t *luts, size_t from, size_t to, const uint8_t *blocks, size_t block_bytes,
                          int first, uint16_t *out) {
  __m512i all[4] = {0}, odd[4] = {0};
  for (size_t pair = from; pair < to; pair += 2) {
    __mmask64 codes_mask = to - pair >= 2 ? ~(__mmask64)0 : ck_first64(32);
    __m512i tables = _mm512_maskz_loadu_epi8(codes_mask, luts + pair * 32);
    __m512i low_table = _mm512_shuffle_i32x4(tables, tables, _MM_SHUFFLE(2, 2, 0, 0));
    __m512i high_table = _mm512_shuffle_i32x4(tables, tables, _MM_SHUFFLE(3, 3, 1, 1));
    for (int b = 0; b < n; b++)
      look_up(_mm512_maskz_loadu_epi8(codes_mask, blocks + (size_t)b * block_bytes + pair * 32), low_table, high_table,
              &all[b], &odd[b]);
  }
  for (int b = 0; b < n; b++) widen(all[b], odd[b], first, out + 32 * b);
}

void ck_avx512_pq4_scan(const uint8_t *luts, size_t m, const uint8_t *blocks, size_t nblocks, uint16_t *out) {
  size_t pairs = m / 2, block_bytes = pairs * 32, from = 0;
  do {
    size_t to = pairs - from > 256 ? from + 256 : pairs, b = 0;
    for (; b + 4 <= nblocks; b += 4)
      few_blocks(4, luts, from, to, blocks + b * block_bytes, block_bytes, from == 0, out + 32 * b);
    for (; b < nblocks; b++)
      few_blocks(1, luts, from, to, blocks + b * block_bytes, block_bytes, from == 0, out + 32 * b);
    from = to;
  } while (from < pairs);
}

size_t ck_avx512_select_below(const float *scores, size_t n, float bound, int32_t base, int32_t *out_ids,
                              float *out_scores) {
  __m512 limit = _mm512_set1_ps(bound);
  __m512i ids = _mm512_add_epi32(_mm512_set1_epi32(base),
                                 _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15));
  size_t count = 0, i = 0;
  // Compressed in a register and stored whole, because compressing stores are slow on Zen: count <= i leaves the room.
  for (; i + 16 <= n; i += 16) {
    __m512 values = _mm512_loadu_ps(scores + i);
    __mmask16 below = _mm512_cmp_ps_mask(values, limit, _CMP_LT_OQ);
    if (below) {
      __m512i found = _mm512_add_epi32(ids, _mm512_set1_epi32((int32_t)i));
      _mm512_storeu_si512(out_ids + count, _mm512_maskz_compress_epi32(below, found));
      _mm512_storeu_ps(out_scores + count, _mm512_maskz_compress_ps(below, values));
      count += (size_t)__builtin_popcount(below);
    }
  }
  for (; i < n; i++)
    if (scores[i] < bound) {
      out_ids[count] = base + (int32_t)i;
      out_scores[count++] = scores[i];
    }
  return count;
}

CK_AVX512_END
#endif
