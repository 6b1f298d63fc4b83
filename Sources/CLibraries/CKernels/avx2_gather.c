// AVX2: one query against rows, four at a time, with one reduction between them and the next rows on their way.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"
#include "avx2_table.h"

CK_AVX2_BEGIN
#include "avx2.h"

enum product { L2, IP };
enum element { F32, F16 };

CK_INLINE __m256 load_row(enum element element, const void *row, size_t j) {
  if (element == F32) return _mm256_loadu_ps((const float *)row + j);
  return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)((const uint16_t *)row + j)));
}

CK_INLINE __m256 load_row_end(enum element element, const void *row, size_t j, size_t left) {
  if (element == F32) return ck_load_first8((const float *)row + j, left);
  uint16_t last[8] = {0};
  memcpy(last, (const uint16_t *)row + j, left * 2);
  return load_row(F16, last, 0);
}

CK_INLINE __m256 accumulate(enum product product, __m256 sum, __m256 a, __m256 b) {
  if (product == IP) return _mm256_fmadd_ps(a, b, sum);
  __m256 difference = _mm256_sub_ps(a, b);
  return _mm256_fmadd_ps(difference, difference, sum);
}

/// n <= 4 rows. While they are read, the same places of the rows `ahead` are prefetched, if there are any.
CK_INLINE __m128 few_rows(int n, enum product product, enum element element, const float *q, const void *const *rows,
                          const void *const *ahead, size_t d) {
  size_t width = element == F32 ? 4 : 2;
  __m256 even[4], odd[4];
  for (int r = 0; r < 4; r++) even[r] = odd[r] = _mm256_setzero_ps();
  size_t j = 0;
  for (; j + 16 <= d; j += 16) {
    __m256 q0 = _mm256_loadu_ps(q + j), q1 = _mm256_loadu_ps(q + j + 8);
    if (ahead)
      for (int r = 0; r < 4; r++) _mm_prefetch((const char *)ahead[r] + j * width, _MM_HINT_T0);
    for (int r = 0; r < n; r++) {
      even[r] = accumulate(product, even[r], q0, load_row(element, rows[r], j));
      odd[r] = accumulate(product, odd[r], q1, load_row(element, rows[r], j + 8));
    }
  }
  for (; j < d; j += 8) {
    size_t left = d - j < 8 ? d - j : 8;
    __m256 q0 = ck_load_first8(q + j, left);
    for (int r = 0; r < n; r++)
      even[r] = accumulate(product, even[r], q0, load_row_end(element, rows[r], j, left));
  }
  for (int r = 0; r < n; r++) even[r] = _mm256_add_ps(even[r], odd[r]);
  return ck_sum4_ps(even[0], even[1], even[2], even[3]);
}

/// Row i is ids[i], or i itself where there are no ids.
CK_INLINE const void *row_at(const void *base, size_t bytes, const int32_t *ids, size_t i) {
  return (const char *)base + (ids ? (size_t)ids[i] : i) * bytes;
}

CK_INLINE void many_rows(enum product product, enum element element, const float *q, const void *base, size_t stride,
                         size_t d, const int32_t *ids, size_t n, float *out) {
  size_t bytes = stride * (element == F32 ? 4 : 2), i = 0;
  const void *rows[4], *ahead[4];
  for (; i + 4 <= n; i += 4) {
    for (size_t r = 0; r < 4; r++) {
      rows[r] = row_at(base, bytes, ids, i + r);
      ahead[r] = row_at(base, bytes, ids, i + 4 + r < n ? i + 4 + r : n - 1);
    }
    _mm_storeu_ps(out + i, few_rows(4, product, element, q, rows, ahead, d));
  }
  for (; i < n; i++) {
    rows[0] = row_at(base, bytes, ids, i);
    out[i] = _mm_cvtss_f32(few_rows(1, product, element, q, rows, NULL, d));
  }
}

#define FLOAT_KERNELS(NAME, PRODUCT)                                                                         \
  void ck_avx2_##NAME##_f32_gather(const float *q, const float *base, size_t stride, size_t d,               \
                                   const int32_t *ids, size_t n, float *out) {                               \
    many_rows(PRODUCT, F32, q, base, stride, d, ids, n, out);                                                \
  }                                                                                                          \
  void ck_avx2_##NAME##_f16_gather(const float *q, const uint16_t *base, size_t stride, size_t d,            \
                                   const int32_t *ids, size_t n, float *out) {                               \
    many_rows(PRODUCT, F16, q, base, stride, d, ids, n, out);                                                \
  }                                                                                                          \
  void ck_avx2_##NAME##_f32_rows(const float *q, const float *rows, size_t stride, size_t d, size_t n,       \
                                 float *out) {                                                               \
    many_rows(PRODUCT, F32, q, rows, stride, d, NULL, n, out);                                               \
  }

FLOAT_KERNELS(l2, L2)
FLOAT_KERNELS(ip, IP)

/// Raw dot products of n <= 4 rows of codes. Bytes are widened first: without VNNI a product of bytes would saturate.
CK_INLINE __m128i few_codes(int n, int bits, const int8_t *q, const uint8_t *const *codes, size_t padded) {
  __m256i sums[4];
  for (int r = 0; r < 4; r++) sums[r] = _mm256_setzero_si256();
  if (bits == 8) {
    for (size_t j = 0; j < padded; j += 16) {
      __m256i wide = _mm256_cvtepi8_epi16(_mm_loadu_si128((const __m128i *)(q + j)));
      for (int r = 0; r < n; r++) {
        __m256i code = _mm256_cvtepu8_epi16(_mm_loadu_si128((const __m128i *)(codes[r] + j)));
        sums[r] = _mm256_add_epi32(sums[r], _mm256_madd_epi16(code, wide));
      }
    }
  } else {
    __m256i low = _mm256_set1_epi8(0x0f), ones = _mm256_set1_epi16(1);
    for (size_t j = 0; j < padded / 2; j += 32) {
      const int8_t *first = q + j / 64 * 128 + j % 64;
      __m256i q0 = _mm256_loadu_si256((const __m256i *)first), q1 = _mm256_loadu_si256((const __m256i *)(first + 64));
      for (int r = 0; r < n; r++) {
        __m256i pairs = _mm256_loadu_si256((const __m256i *)(codes[r] + j));
        __m256i products =
            _mm256_add_epi16(_mm256_maddubs_epi16(_mm256_and_si256(pairs, low), q0),
                             _mm256_maddubs_epi16(_mm256_and_si256(_mm256_srli_epi16(pairs, 4), low), q1));
        sums[r] = _mm256_add_epi32(sums[r], _mm256_madd_epi16(products, ones));
      }
    }
  }
  return ck_sum4_epi32(sums[0], sums[1], sums[2], sums[3]);
}

/// How many rows ahead codes are fetched.
enum { AHEAD = 8 };

CK_INLINE void score_gather(int bits, const ck_code_query *query, const ck_code_rows *rows, const int32_t *ids,
                            size_t n, float *out) {
  size_t bytes = bits == 8 ? rows->padded : rows->padded / 2, i = 0;
  const uint8_t *codes[4];
  int32_t raw[4];
  while (i < n) {
    for (size_t next = i + AHEAD; next < i + AHEAD + 4 && next < n; next++) {
      const uint8_t *code = rows->codes + (size_t)ids[next] * rows->code_stride;
      for (size_t line = 0; line < bytes; line += 64) _mm_prefetch((const char *)code + line, _MM_HINT_T0);
      _mm_prefetch((const char *)rows->meta + (size_t)ids[next] * rows->meta_stride, _MM_HINT_T0);
    }
    size_t few = n - i >= 4 ? 4 : 1;
    for (size_t r = 0; r < few; r++) codes[r] = rows->codes + (size_t)ids[i + r] * rows->code_stride;
    _mm_storeu_si128((__m128i *)raw, few == 4 ? few_codes(4, bits, query->q8, codes, rows->padded)
                                              : few_codes(1, bits, query->q8, codes, rows->padded));
    for (size_t r = 0; r < few; r++) out[i + r] = ck_code_score(query, rows, ids[i + r], raw[r]);
    i += few;
  }
}

void ck_avx2_score_u8_gather(const ck_code_query *q, const ck_code_rows *rows, const int32_t *ids, size_t n,
                             float *out) {
  score_gather(8, q, rows, ids, n, out);
}

void ck_avx2_score_u4_gather(const ck_code_query *q, const ck_code_rows *rows, const int32_t *ids, size_t n,
                             float *out) {
  score_gather(4, q, rows, ids, n, out);
}

CK_AVX2_END
#endif
