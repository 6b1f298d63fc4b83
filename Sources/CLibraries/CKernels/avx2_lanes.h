// Operations on lanes of 256 bits that the templates of encoder and paged attention are built on.

CK_INLINE vf lanes_max(vf a, vf b) { return (vf)_mm256_max_ps((__m256)a, (__m256)b); }

CK_INLINE float lanes_sum(vf x) {
  __m128 four = _mm_add_ps(_mm256_castps256_ps128((__m256)x), _mm256_extractf128_ps((__m256)x, 1));
  __m128 two = _mm_add_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_add_ss(two, _mm_movehdup_ps(two)));
}

CK_INLINE float lanes_highest(vf x) {
  __m128 four = _mm_max_ps(_mm256_castps256_ps128((__m256)x), _mm256_extractf128_ps((__m256)x, 1));
  __m128 two = _mm_max_ps(four, _mm_movehl_ps(four, four));
  return _mm_cvtss_f32(_mm_max_ss(two, _mm_movehdup_ps(two)));
}

CK_INLINE vf lanes_dot_bf16(vf sum, vu weights, vu row) { return widened_bf16_dot(sum, weights, row); }

CK_INLINE void lanes_store_bf16(char *to, vf x) {
  __m256i words = (__m256i)rounded_bf16(x);
  __m128i halves = _mm_packus_epi32(_mm256_castsi256_si128(words), _mm256_extracti128_si256(words, 1));
  _mm_storeu_si128((__m128i *)to, halves);
}
