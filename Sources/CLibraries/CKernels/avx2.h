// Shared by the AVX2 files, which include it inside their target pragma.
#ifndef CK_AVX2_H
#define CK_AVX2_H

/// Loads the first n of 8 floats, n <= 8, and zeros.
CK_INLINE __m256 ck_load_first8(const float *p, size_t n) {
  static const int32_t masks[16] = {-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0};
  return _mm256_maskload_ps(p, _mm256_loadu_si256((const __m256i *)(masks + 8 - n)));
}

/// The sums of four registers, with one reduction between them.
CK_INLINE __m128 ck_sum4_ps(__m256 a, __m256 b, __m256 c, __m256 d) {
  __m256 all = _mm256_hadd_ps(_mm256_hadd_ps(a, b), _mm256_hadd_ps(c, d));
  return _mm_add_ps(_mm256_castps256_ps128(all), _mm256_extractf128_ps(all, 1));
}

CK_INLINE __m128i ck_sum4_epi32(__m256i a, __m256i b, __m256i c, __m256i d) {
  __m256i all = _mm256_hadd_epi32(_mm256_hadd_epi32(a, b), _mm256_hadd_epi32(c, d));
  return _mm_add_epi32(_mm256_castsi256_si128(all), _mm256_extracti128_si256(all, 1));
}

CK_INLINE float ck_sum_ps(__m256 a) {
  __m256 zero = _mm256_setzero_ps();
  return _mm_cvtss_f32(ck_sum4_ps(a, zero, zero, zero));
}

CK_INLINE int32_t ck_sum_epi32(__m256i a) {
  __m256i zero = _mm256_setzero_si256();
  return _mm_cvtsi128_si32(ck_sum4_epi32(a, zero, zero, zero));
}

#endif
