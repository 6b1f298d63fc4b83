// AVX-512: two vectors against each other.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"
#include "avx512_table.h"

CK_AVX512_BEGIN
#include "avx512.h"

enum product { L2, IP };

CK_INLINE __m512 accumulate(enum product product, __m512 sum, __m512 a, __m512 b) {
  if (product == IP) return _mm512_fmadd_ps(a, b, sum);
  __m512 difference = _mm512_sub_ps(a, b);
  return _mm512_fmadd_ps(difference, difference, sum);
}

CK_INLINE float pair_f32(enum product product, const float *a, const float *b, size_t d) {
  __m512 sums[4] = {0};
  size_t j = 0;
  for (; j + 64 <= d; j += 64)
    for (int i = 0; i < 4; i++)
      sums[i] = accumulate(product, sums[i], _mm512_loadu_ps(a + j + 16 * i), _mm512_loadu_ps(b + j + 16 * i));
  for (; j + 16 <= d; j += 16)
    sums[0] = accumulate(product, sums[0], _mm512_loadu_ps(a + j), _mm512_loadu_ps(b + j));
  __mmask16 rest = ck_first16(d - j);
  sums[1] = accumulate(product, sums[1], _mm512_maskz_loadu_ps(rest, a + j), _mm512_maskz_loadu_ps(rest, b + j));
  return _mm512_reduce_add_ps(_mm512_add_ps(_mm512_add_ps(sums[0], sums[1]), _mm512_add_ps(sums[2], sums[3])));
}

float ck_avx512_l2_f32(const float *a, const float *b, size_t d) { return pair_f32(L2, a, b, d); }
float ck_avx512_ip_f32(const float *a, const float *b, size_t d) { return pair_f32(IP, a, b, d); }

float ck_avx512_cosine_f32(const float *a, const float *b, size_t d) {
  __m512 dot = _mm512_setzero_ps(), aa = dot, bb = dot;
  for (size_t j = 0; j < d; j += 16) {
    __mmask16 mask = d - j < 16 ? ck_first16(d - j) : 0xffff;
    __m512 x = _mm512_maskz_loadu_ps(mask, a + j), y = _mm512_maskz_loadu_ps(mask, b + j);
    dot = _mm512_fmadd_ps(x, y, dot);
    aa = _mm512_fmadd_ps(x, x, aa);
    bb = _mm512_fmadd_ps(y, y, bb);
  }
  return ck_float_cosine(_mm512_reduce_add_ps(dot), _mm512_reduce_add_ps(aa), _mm512_reduce_add_ps(bb));
}

enum sign { SIGNED, UNSIGNED };

CK_INLINE __m512i widen(enum sign sign, __m256i bytes) {
  return sign == SIGNED ? _mm512_cvtepi8_epi16(bytes) : _mm512_cvtepu8_epi16(bytes);
}

CK_INLINE __m256i load_bytes(const void *p, size_t left) {
  if (left >= 32) return _mm256_loadu_si256(p);
  return _mm256_maskz_loadu_epi8((__mmask32)((1u << left) - 1), p);
}

CK_INLINE int32_t l2_bytes(enum sign sign, const void *a, const void *b, size_t d) {
  __m512i sum = _mm512_setzero_si512();
  for (size_t j = 0; j < d; j += 32) {
    __m512i difference = _mm512_sub_epi16(widen(sign, load_bytes((const char *)a + j, d - j)),
                                          widen(sign, load_bytes((const char *)b + j, d - j)));
    sum = _mm512_dpwssd_epi32(sum, difference, difference);
  }
  return _mm512_reduce_add_epi32(sum);
}

CK_INLINE __m512i dot_bytes(enum sign sign, const void *a, const void *b, size_t d) {
  __m512i sum = _mm512_setzero_si512();
  for (size_t j = 0; j < d; j += 32)
    sum = _mm512_dpwssd_epi32(sum, widen(sign, load_bytes((const char *)a + j, d - j)),
                              widen(sign, load_bytes((const char *)b + j, d - j)));
  return sum;
}

CK_INLINE int32_t ip_bytes(enum sign sign, const void *a, const void *b, size_t d) {
  return _mm512_reduce_add_epi32(dot_bytes(sign, a, b, d));
}

CK_INLINE float cosine_bytes(enum sign sign, const void *a, const void *b, size_t d) {
  return ck_integer_cosine(ip_bytes(sign, a, b, d), ip_bytes(sign, a, a, d), ip_bytes(sign, b, b, d));
}

int32_t ck_avx512_l2_i8(const int8_t *a, const int8_t *b, size_t d) { return l2_bytes(SIGNED, a, b, d); }
int32_t ck_avx512_ip_i8(const int8_t *a, const int8_t *b, size_t d) { return ip_bytes(SIGNED, a, b, d); }
int32_t ck_avx512_l2_u8(const uint8_t *a, const uint8_t *b, size_t d) { return l2_bytes(UNSIGNED, a, b, d); }
int32_t ck_avx512_ip_u8(const uint8_t *a, const uint8_t *b, size_t d) { return ip_bytes(UNSIGNED, a, b, d); }
float ck_avx512_cosine_i8(const int8_t *a, const int8_t *b, size_t d) { return cosine_bytes(SIGNED, a, b, d); }
float ck_avx512_cosine_u8(const uint8_t *a, const uint8_t *b, size_t d) { return cosine_bytes(UNSIGNED, a, b, d); }

void ck_avx512_f16_from_f32(const float *in, size_t n, uint16_t *out) {
  for (size_t i = 0; i < n; i += 16) {
    __mmask16 mask = n - i < 16 ? ck_first16(n - i) : 0xffff;
    __m256i half = _mm512_cvtps_ph(_mm512_maskz_loadu_ps(mask, in + i), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    _mm256_mask_storeu_epi16(out + i, mask, half);
  }
}

CK_AVX512_END
#endif
