// AVX2: tiles of queries against panels of 32 interleaved rows, half a panel at a time: up to 6 queries x 16 rows in 12
// accumulators for float, 4 x 16 in 8 for codes, whose bytes need registers to be widened in.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"
#include "avx2_table.h"

CK_AVX2_BEGIN

enum layout { F32, U8, U4 };

CK_INLINE __m256i broadcast(const char *q) {
  int32_t four;
  memcpy(&four, q, sizeof four);
  return _mm256_set1_epi32(four);
}

CK_INLINE __m256i add(enum layout layout, __m256i a, __m256i b) {
  if (layout == F32)
    return _mm256_castps_si256(_mm256_add_ps(_mm256_castsi256_ps(a), _mm256_castsi256_ps(b)));
  return _mm256_add_epi32(a, b);
}

/// One query's cell bytes against those of eight rows. Codes come in two parts: even and odd bytes, or low and high nibbles.
CK_INLINE __m256i multiply(enum layout layout, __m256i sum, const __m256i rows[2], const char *q) {
  if (layout == F32)
    return _mm256_castps_si256(_mm256_fmadd_ps(_mm256_castsi256_ps(rows[0]), _mm256_castsi256_ps(broadcast(q)),
                                               _mm256_castsi256_ps(sum)));
  if (layout == U8) {
    __m256i bytes = broadcast(q);
    __m256i even = _mm256_srai_epi16(_mm256_slli_epi16(bytes, 8), 8), odd = _mm256_srai_epi16(bytes, 8);
    return _mm256_add_epi32(sum, _mm256_add_epi32(_mm256_madd_epi16(rows[0], even), _mm256_madd_epi16(rows[1], odd)));
  }
  __m256i products =
      _mm256_add_epi16(_mm256_maddubs_epi16(rows[0], broadcast(q)), _mm256_maddubs_epi16(rows[1], broadcast(q + 4)));
  return _mm256_add_epi32(sum, _mm256_madd_epi16(products, _mm256_set1_epi16(1)));
}

CK_INLINE void split(enum layout layout, const char *cell, __m256i rows[2]) {
  __m256i bytes = _mm256_loadu_si256((const __m256i *)cell);
  rows[0] = rows[1] = bytes;
  if (layout == U8) {
    rows[0] = _mm256_and_si256(bytes, _mm256_set1_epi16(0xff));
    rows[1] = _mm256_srli_epi16(bytes, 8);
  } else if (layout == U4) {
    rows[0] = _mm256_and_si256(bytes, _mm256_set1_epi8(0x0f));
    rows[1] = _mm256_and_si256(_mm256_srli_epi16(bytes, 4), _mm256_set1_epi8(0x0f));
  }
}

/// n queries against one half of a cell, q pointing at the first query's bytes for it.
CK_INLINE void half_cell(enum layout layout, int n, const char *q, size_t qstride, const char *cell, __m256i sums[][2]) {
  __m256i left[2], right[2];
  split(layout, cell, left);
  split(layout, cell + 32, right);
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) {
    sums[i][0] = multiply(layout, sums[i][0], left, q + (size_t)i * qstride);
    sums[i][1] = multiply(layout, sums[i][1], right, q + (size_t)i * qstride);
  }
}

/// n queries against one half of a panel, with several sets of sums where a few queries would wait for their own.
CK_INLINE void half_panel(enum layout layout, int n, int sets, const char *q, size_t qstride, const char *half,
                          size_t cells, char *out, size_t ldo) {
  size_t q_step = layout == U4 ? 8 : 4;
  __m256i sums[2][6][2];
#pragma clang loop unroll(full)
  for (int s = 0; s < sets; s++)
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++) sums[s][i][0] = sums[s][i][1] = _mm256_setzero_si256();
  // The results' rows are far apart and rarely in a cache: fetched now, they are there when the sums are.
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) {
    _mm_prefetch(out + (size_t)i * ldo * 4, _MM_HINT_T0);
    _mm_prefetch(out + (size_t)i * ldo * 4 + 63, _MM_HINT_T0);
  }
  size_t c = 0;
  for (; c + (size_t)sets <= cells; c += (size_t)sets, q += (size_t)sets * q_step, half += 128 * sets)
#pragma clang loop unroll(full)
    for (int s = 0; s < sets; s++) half_cell(layout, n, q + (size_t)s * q_step, qstride, half + 128 * s, sums[s]);
  for (; c < cells; c++, q += q_step, half += 128) half_cell(layout, n, q, qstride, half, sums[0]);
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++)
#pragma clang loop unroll(full)
    for (int h = 0; h < 2; h++) {
      __m256i sum = sets == 2 ? add(layout, sums[0][i][h], sums[1][i][h]) : sums[0][i][h];
      _mm256_storeu_si256((__m256i *)(out + (size_t)i * ldo * 4 + 32 * (size_t)h), sum);
    }
}

typedef void (*panel_kernel)(const char *q, size_t qstride, const char *half, size_t cells, char *out, size_t ldo);

#define KERNEL(LAYOUT, N, SETS)                                                                              \
  static void LAYOUT##_##N(const char *q, size_t qstride, const char *half, size_t cells, char *out,         \
                           size_t ldo) {                                                                     \
    half_panel(LAYOUT, N, SETS, q, qstride, half, cells, out, ldo);                                          \
  }

KERNEL(F32, 1, 2) KERNEL(F32, 2, 2) KERNEL(F32, 3, 2) KERNEL(F32, 4, 1) KERNEL(F32, 5, 1) KERNEL(F32, 6, 1)
KERNEL(U8, 1, 2) KERNEL(U8, 2, 1) KERNEL(U8, 3, 1) KERNEL(U8, 4, 1)
KERNEL(U4, 1, 2) KERNEL(U4, 2, 1) KERNEL(U4, 3, 1) KERNEL(U4, 4, 1)

static const panel_kernel f32_kernels[7] = {NULL, F32_1, F32_2, F32_3, F32_4, F32_5, F32_6};
static const panel_kernel u8_kernels[5] = {NULL, U8_1, U8_2, U8_3, U8_4};
static const panel_kernel u4_kernels[5] = {NULL, U4_1, U4_2, U4_3, U4_4};

/// Panels are taken in groups that stay in a 256 KiB cache while all queries pass over them.
static void many_panels(const panel_kernel *kernels, size_t most, const char *q, size_t nq, size_t qstride,
                        const char *panels, size_t np, size_t cells, char *out, size_t ldo) {
  if (nq == 0) return;
  size_t panel_bytes = cells * 128, tiles = (nq + most - 1) / most;
  size_t group = panel_bytes ? 131072 / panel_bytes : np;
  if (group == 0) group = 1;
  for (size_t first = 0; first < np; first += group) {
    size_t end = first + group < np ? first + group : np;
    for (size_t tile = 0, i = 0; tile < tiles; tile++) {
      size_t n = nq / tiles + (tile < nq % tiles);
      for (size_t p = first; p < end; p++)
        for (size_t h = 0; h < 2; h++)
          kernels[n](q + i * qstride, qstride, panels + p * panel_bytes + 64 * h, cells,
                     out + (i * ldo + p * 32 + 16 * h) * 4, ldo);
      i += n;
    }
  }
}

void ck_avx2_ip_f32_panels(const float *q, size_t nq, size_t qstride, const float *panels, size_t np, size_t d,
                           float *out, size_t ldo) {
  many_panels(f32_kernels, 6, (const char *)q, nq, qstride * 4, (const char *)panels, np, d, (char *)out, ldo);
}

void ck_avx2_dot_u8_panels(const int8_t *q, size_t nq, size_t qstride, const uint8_t *panels, size_t np,
                           size_t padded, int32_t *out, size_t ldo) {
  many_panels(u8_kernels, 4, (const char *)q, nq, qstride, (const char *)panels, np, padded / 4, (char *)out, ldo);
}

void ck_avx2_dot_u4_panels(const int8_t *q, size_t nq, size_t qstride, const uint8_t *panels, size_t np,
                           size_t padded, int32_t *out, size_t ldo) {
  many_panels(u4_kernels, 4, (const char *)q, nq, qstride, (const char *)panels, np, padded / 8, (char *)out, ldo);
}

CK_AVX2_END
#endif
