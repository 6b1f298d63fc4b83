// AVX-512: a sorted pool takes a key in without a branch on where it belongs: every place becomes
// max(its left neighbour, min(itself, key)).
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"
#include "avx512_table.h"

CK_AVX512_BEGIN

size_t ck_avx512_pool_insert(uint64_t *keys, size_t capacity, const float *scores, const int32_t *ids, size_t n) {
  size_t end = (capacity + 7) & ~(size_t)7, lowest = capacity;
  uint64_t fresh[8] __attribute__((aligned(64)));
  for (size_t i = 0; i < n; i += 8) {
    __mmask8 some = n - i < 8 ? (__mmask8)((1u << (n - i)) - 1) : 0xff;
    __m256i bits = _mm256_maskz_loadu_epi32(some, scores + i);
    __m256i sign = _mm256_or_si256(_mm256_srai_epi32(bits, 31), _mm256_set1_epi32(INT32_MIN));
    __m256i rows = _mm256_slli_epi32(_mm256_maskz_loadu_epi32(some, ids + i), 1);
    __m512i high = _mm512_slli_epi64(_mm512_cvtepu32_epi64(_mm256_xor_si256(bits, sign)), 32);
    __m512i all = _mm512_or_si512(high, _mm512_cvtepu32_epi64(rows));
    _mm512_store_si512(fresh, all);
    unsigned left = _mm512_mask_cmplt_epu64_mask(some, all, _mm512_set1_epi64((long long)keys[capacity - 1]));
    for (; left; left &= left - 1) {
      uint64_t key = fresh[__builtin_ctz(left)];
      if (key >= keys[capacity - 1]) continue;
      __m512i wanted = _mm512_set1_epi64((long long)key);
      size_t at = end;
      __m512i here = _mm512_load_si512(keys + at - 8);
      unsigned before;
      do {
        at -= 8;
        // Whole aligned blocks, so that the next key's loads are forwarded from these stores.
        __m512i lower = _mm512_load_si512(keys + (ptrdiff_t)at - 8);
        __m512i neighbor = _mm512_alignr_epi64(here, lower, 7);
        before = _mm512_cmplt_epu64_mask(here, wanted);
        _mm512_store_si512(keys + at, _mm512_max_epu64(neighbor, _mm512_min_epu64(here, wanted)));
        here = lower;
      } while (before == 0 && at > 0);
      size_t place = at + (size_t)__builtin_popcount(before);
      lowest = place < lowest ? place : lowest;
    }
  }
  return lowest;
}

CK_AVX512_END
#endif
