// AVX-512: one query against rows, four at a time, with one reduction between them and the next rows on their way.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"
#include "avx512_table.h"

CK_AVX512_BEGIN
#include "avx512.h"

enum product { L2, IP };
enum element { F32, F16 };

CK_INLINE __m512 load_row(enum element element, const void *row, size_t j) {
  if (element == F32) return _mm512_loadu_ps((const float *)row + j);
  return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)((const uint16_t *)row + j)));
}

CK_INLINE __m512 load_row_end(enum element element, const void *row, size_t j, __mmask16 mask) {
  if (element == F32) return _mm512_maskz_loadu_ps(mask, (const float *)row + j);
  return _mm512_cvtph_ps(_mm256_maskz_loadu_epi16(mask, (const uint16_t *)row + j));
}

CK_INLINE __m512 accumulate(enum product product, __m512 sum, __m512 a, __m512 b) {
  if (product == IP) return _mm512_fmadd_ps(a, b, sum);
  __m512 difference = _mm512_sub_ps(a, b);
  return _mm512_fmadd_ps(difference, difference, sum);
}

/// n <= 4 rows. While they are read, the same places of the rows `ahead` are prefetched, if there are any.
CK_INLINE __m128 few_rows(int n, enum product product, enum element element, const float *q, const void *const *rows,
                          const void *const *ahead, size_t d) {
  size_t width = element == F32 ? 4 : 2;
  __m512 even[4] = {0}, odd[4] = {0};
  size_t j = 0;
  for (; j + 32 <= d; j += 32) {
    __m512 q0 = _mm512_loadu_ps(q + j), q1 = _mm512_loadu_ps(q + j + 16);
    if (ahead)
      for (int r = 0; r < 4; r++) {
        _mm_prefetch((const char *)ahead[r] + j * width, _MM_HINT_T0);
        if (element == F32) _mm_prefetch((const char *)ahead[r] + j * width + 64, _MM_HINT_T0);
      }
    for (int r = 0; r < n; r++) {
      even[r] = accumulate(product, even[r], q0, load_row(element, rows[r], j));
      odd[r] = accumulate(product, odd[r], q1, load_row(element, rows[r], j + 16));
    }
  }
  if (j + 16 <= d) {
    __m512 q0 = _mm512_loadu_ps(q + j);
    for (int r = 0; r < n; r++) even[r] = accumulate(product, even[r], q0, load_row(element, rows[r], j));
    j += 16;
  }
  if (j < d) {
    __mmask16 mask = ck_first16(d - j);
    __m512 q1 = _mm512_maskz_loadu_ps(mask, q + j);
    for (int r = 0; r < n; r++) odd[r] = accumulate(product, odd[r], q1, load_row_end(element, rows[r], j, mask));
  }
  for (int r = 0; r < 4; r++) even[r] = _mm512_add_ps(even[r], odd[r]);
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
    for (int r = 0; r < 4; r++) rows[r] = row_at(base, bytes, ids, i + r);
    if (i + 4 < n) {
      for (int r = 0; r < 4; r++) ahead[r] = row_at(base, bytes, ids, i + 4 + r < n ? i + 4 + r : n - 1);
      _mm_storeu_ps(out + i, few_rows(4, product, element, q, rows, ahead, d));
    } else {
      _mm_storeu_ps(out + i, few_rows(4, product, element, q, rows, NULL, d));
    }
  }
  if (i == n) return;
  size_t left = n - i;
  for (size_t r = 0; r < left; r++) rows[r] = row_at(base, bytes, ids, i + r);
  __m128 sums = left == 3   ? few_rows(3, product, element, q, rows, NULL, d)
                : left == 2 ? few_rows(2, product, element, q, rows, NULL, d)
                            : few_rows(1, product, element, q, rows, NULL, d);
  _mm_mask_storeu_ps(out + i, (__mmask8)((1u << left) - 1), sums);
}

#define FLOAT_KERNELS(NAME, PRODUCT)                                                                         \
  void ck_avx512_##NAME##_f32_gather(const float *q, const float *base, size_t stride, size_t d,             \
                                     const int32_t *ids, size_t n, float *out) {                             \
    many_rows(PRODUCT, F32, q, base, stride, d, ids, n, out);                                                \
  }                                                                                                          \
  void ck_avx512_##NAME##_f16_gather(const float *q, const uint16_t *base, size_t stride, size_t d,          \
                                     const int32_t *ids, size_t n, float *out) {                             \
    many_rows(PRODUCT, F16, q, base, stride, d, ids, n, out);                                                \
  }                                                                                                          \
  void ck_avx512_##NAME##_f32_rows(const float *q, const float *rows, size_t stride, size_t d, size_t n,     \
                                   float *out) {                                                             \
    many_rows(PRODUCT, F32, q, rows, stride, d, NULL, n, out);                                               \
  }

FLOAT_KERNELS(l2, L2)
FLOAT_KERNELS(ip, IP)

/// Raw dot products of n <= 4 rows of codes.
CK_INLINE __m128i few_codes(int n, int bits, const int8_t *q, const uint8_t *const *codes, size_t padded) {
  __m512i first[4] = {0}, second[4] = {0};
  if (bits == 8) {
    size_t j = 0;
    for (; j + 128 <= padded; j += 128) {
      __m512i q0 = _mm512_loadu_si512(q + j), q1 = _mm512_loadu_si512(q + j + 64);
      for (int r = 0; r < n; r++) {
        first[r] = _mm512_dpbusd_epi32(first[r], _mm512_loadu_si512(codes[r] + j), q0);
        second[r] = _mm512_dpbusd_epi32(second[r], _mm512_loadu_si512(codes[r] + j + 64), q1);
      }
    }
    if (j < padded) {
      __m512i q0 = _mm512_loadu_si512(q + j);
      for (int r = 0; r < n; r++)
        first[r] = _mm512_dpbusd_epi32(first[r], _mm512_loadu_si512(codes[r] + j), q0);
    }
  } else {
    // The high nibbles stay in place, sixteen times too large, and one shift of the sum makes up for all.
    __m512i low = _mm512_set1_epi8(0x0f);
    for (size_t j = 0; j < padded; j += 128) {
      __m512i q0 = _mm512_loadu_si512(q + j), q1 = _mm512_loadu_si512(q + j + 64);
      for (int r = 0; r < n; r++) {
        __m512i pairs = _mm512_loadu_si512(codes[r] + j / 2);
        first[r] = _mm512_dpbusd_epi32(first[r], _mm512_and_si512(pairs, low), q0);
        second[r] = _mm512_dpbusd_epi32(second[r], _mm512_andnot_si512(low, pairs), q1);
      }
    }
    for (int r = 0; r < n; r++) second[r] = _mm512_srai_epi32(second[r], 4);
  }
  for (int r = 0; r < n; r++) first[r] = _mm512_add_epi32(first[r], second[r]);
  return ck_sum4_epi32(first[0], first[1], first[2], first[3]);
}

CK_INLINE __m128 load_meta(const ck_code_rows *rows, int32_t a, int32_t b) {
  __m128 pair = _mm_castsi128_ps(_mm_loadl_epi64((const __m128i *)(rows->meta + (size_t)a * rows->meta_stride)));
  return _mm_loadh_pi(pair, (const __m64 *)(rows->meta + (size_t)b * rows->meta_stride));
}

/// How many rows ahead codes are fetched. The processor looks past four rows by itself; eight was best or nearly so for
/// lists of 3 to 32 rows (measured against 0, 4, 12, 16 and everything at once: up to a tenth apart).
enum { AHEAD = 8 };

CK_INLINE void score_gather(int bits, const ck_code_query *query, const ck_code_rows *rows, const int32_t *ids,
                            size_t n, float *out) {
  const uint8_t *base = rows->codes;
  size_t stride = rows->code_stride, padded = rows->padded, bytes = bits == 8 ? padded : padded / 2;
  const uint8_t *codes[4];
  __m128 weight = _mm_set1_ps(query->weight);
  __m128i offset = _mm_set1_epi32(query->offset);
  size_t i = 0;
  for (; i + 4 <= n; i += 4) {
    size_t end = i + AHEAD + 4 < n ? i + AHEAD + 4 : n;
    for (size_t next = i + AHEAD; next < end; next++) {
      const uint8_t *code = base + (size_t)ids[next] * stride;
#pragma clang loop unroll(disable)
      for (size_t line = 0; line < bytes; line += 64) _mm_prefetch((const char *)code + line, _MM_HINT_T0);
      _mm_prefetch((const char *)rows->meta + (size_t)ids[next] * rows->meta_stride, _MM_HINT_T0);
    }
    for (int r = 0; r < 4; r++) codes[r] = base + (size_t)ids[i + r] * stride;
    __m128i raw = few_codes(4, bits, query->q8, codes, padded);
    __m128 two = load_meta(rows, ids[i], ids[i + 1]), more = load_meta(rows, ids[i + 2], ids[i + 3]);
    __m128 scale = _mm_shuffle_ps(two, more, _MM_SHUFFLE(2, 0, 2, 0));
    __m128 bias = _mm_shuffle_ps(two, more, _MM_SHUFFLE(3, 1, 3, 1));
    __m128 dot = _mm_cvtepi32_ps(_mm_sub_epi32(raw, offset));
    _mm_storeu_ps(out + i, _mm_add_ps(bias, _mm_mul_ps(_mm_mul_ps(scale, weight), dot)));
  }
  size_t left = n - i;
  if (left == 0) return;
  for (size_t r = 0; r < left; r++) codes[r] = base + (size_t)ids[i + r] * stride;
  int32_t raw[4];
  _mm_storeu_si128((__m128i *)raw, left == 3   ? few_codes(3, bits, query->q8, codes, padded)
                                   : left == 2 ? few_codes(2, bits, query->q8, codes, padded)
                                               : few_codes(1, bits, query->q8, codes, padded));
  for (size_t r = 0; r < left; r++) out[i + r] = ck_code_score(query, rows, ids[i + r], raw[r]);
}

void ck_avx512_score_u8_gather(const ck_code_query *q, const ck_code_rows *rows, const int32_t *ids, size_t n,
                               float *out) {
  score_gather(8, q, rows, ids, n, out);
}

void ck_avx512_score_u4_gather(const ck_code_query *q, const ck_code_rows *rows, const int32_t *ids, size_t n,
                               float *out) {
  score_gather(4, q, rows, ids, n, out);
}

CK_AVX512_END
#endif
