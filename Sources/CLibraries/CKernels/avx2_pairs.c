// AVX2: two vectors against each other.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"
#include "avx2_table.h"

CK_AVX2_BEGIN
#include "avx2.h"

enum product { L2, IP };

CK_INLINE __m256 accumulate(enum product product, __m256 sum, __m256 a, __m256 b) {
  if (product == IP) return _mm256_fmadd_ps(a, b, sum);
  __m256 difference = _mm256_sub_ps(a, b);
  return _mm256_fmadd_ps(difference, difference, sum);
}

CK_INLINE float pair_f32(enum product product, const float *a, const float *b, size_t d) {
  __m256 sums[4];
  for (int i = 0; i < 4; i++) sums[i] = _mm256_setzero_ps();
  size_t j = 0;
  for (; j + 32 <= d; j += 32)
    for (int i = 0; i < 4; i++)
      sums[i] = accumulate(product, sums[i], _mm256_loadu_ps(a + j + 8 * i), _mm256_loadu_ps(b + j + 8 * i));
  for (; j + 8 <= d; j += 8)
    sums[0] = accumulate(product, sums[0], _mm256_loadu_ps(a + j), _mm256_loadu_ps(b + j));
  sums[1] = accumulate(product, sums[1], ck_load_first8(a + j, d - j), ck_load_first8(b + j, d - j));
  return ck_sum_ps(_mm256_add_ps(_mm256_add_ps(sums[0], sums[1]), _mm256_add_ps(sums[2], sums[3])));
}

float ck_avx2_l2_f32(const float *a, const float *b, size_t d) { return pair_f32(L2, a, b, d); }
float ck_avx2_ip_f32(const float *a, const float *b, size_t d) { return pair_f32(IP, a, b, d); }

float ck_avx2_cosine_f32(const float *a, const float *b, size_t d) {
  return ck_float_cosine(pair_f32(IP, a, b, d), pair_f32(IP, a, a, d), pair_f32(IP, b, b, d));
}

enum sign { SIGNED, UNSIGNED };

/// 16 bytes, or the last `left` of them and zeros, as 16-bit numbers.
CK_INLINE __m256i load_bytes(enum sign sign, const void *p, size_t left) {
  __m128i bytes;
  if (left >= 16) {
    bytes = _mm_loadu_si128(p);
  } else {
    uint8_t last[16] = {0};
    memcpy(last, p, left);
    bytes = _mm_loadu_si128((const __m128i *)last);
  }
  return sign == SIGNED ? _mm256_cvtepi8_epi16(bytes) : _mm256_cvtepu8_epi16(bytes);
}

CK_INLINE int32_t pair_bytes(enum sign sign, enum product product, const void *a, const void *b, size_t d) {
  __m256i sum = _mm256_setzero_si256();
  for (size_t j = 0; j < d; j += 16) {
    __m256i x = load_bytes(sign, (const char *)a + j, d - j), y = load_bytes(sign, (const char *)b + j, d - j);
    if (product == L2) x = y = _mm256_sub_epi16(x, y);
    sum = _mm256_add_epi32(sum, _mm256_madd_epi16(x, y));
  }
  return ck_sum_epi32(sum);
}

CK_INLINE float cosine_bytes(enum sign sign, const void *a, const void *b, size_t d) {
  return ck_integer_cosine(pair_bytes(sign, IP, a, b, d), pair_bytes(sign, IP, a, a, d), pair_bytes(sign, IP, b, b, d));
}

int32_t ck_avx2_l2_i8(const int8_t *a, const int8_t *b, size_t d) { return pair_bytes(SIGNED, L2, a, b, d); }
int32_t ck_avx2_ip_i8(const int8_t *a, const int8_t *b, size_t d) { return pair_bytes(SIGNED, IP, a, b, d); }
int32_t ck_avx2_l2_u8(const uint8_t *a, const uint8_t *b, size_t d) { return pair_bytes(UNSIGNED, L2, a, b, d); }
int32_t ck_avx2_ip_u8(const uint8_t *a, const uint8_t *b, size_t d) { return pair_bytes(UNSIGNED, IP, a, b, d); }
float ck_avx2_cosine_i8(const int8_t *a, const int8_t *b, size_t d) { return cosine_bytes(SIGNED, a, b, d); }
float ck_avx2_cosine_u8(const uint8_t *a, const uint8_t *b, size_t d) { return cosine_bytes(UNSIGNED, a, b, d); }

void ck_avx2_f16_from_f32(const float *in, size_t n, uint16_t *out) {
  for (size_t i = 0; i < n; i += 8) {
    size_t left = n - i < 8 ? n - i : 8;
    __m128i half = _mm256_cvtps_ph(ck_load_first8(in + i, left), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    if (left == 8)
      _mm_storeu_si128((__m128i *)(out + i), half);
    else
      memcpy(out + i, &half, left * 2);
  }
}

CK_AVX2_END
#endif
