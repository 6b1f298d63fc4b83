// AVX-512: tiles of queries against panels of 32 interleaved rows. Every layout is a sequence of cells of 32 x 4 bytes, so
// one template serves float, 8-bit and 4-bit rows: up to 14 queries x 32 rows in 28 accumulators over the whole dimension,
// the query's four bytes broadcast from where they lie.
#if defined(__x86_64__)
#include <immintrin.h>

#include "kernels.h"
#include "avx512_table.h"

CK_AVX512_BEGIN

enum layout { F32, U8, U4 };

/// Bytes by which panels are fetched ahead; past the end a prefetch does no harm.
enum { AHEAD = 8192 };

CK_INLINE __m512i broadcast(const char *q) {
  int32_t four;
  memcpy(&four, q, sizeof four);
  return _mm512_set1_epi32(four);
}

CK_INLINE __m512i multiply(enum layout layout, __m512i sum, __m512i cell, __m512i q) {
  if (layout == F32)
    return _mm512_castps_si512(
        _mm512_fmadd_ps(_mm512_castsi512_ps(q), _mm512_castsi512_ps(cell), _mm512_castsi512_ps(sum)));
  return _mm512_dpbusd_epi32(sum, cell, q);
}

/// n queries against one cell, q pointing at the first query's bytes for it.
CK_INLINE void one_cell(enum layout layout, int n, const char *q, size_t qstride, const char *cell, __m512i sums[][2]) {
  __m512i left = _mm512_loadu_si512(cell), right = _mm512_loadu_si512(cell + 64);
  if (layout == U4) {
    __m512i low = _mm512_set1_epi8(0x0f);
    __m512i left_high = _mm512_and_si512(_mm512_srli_epi16(left, 4), low), left_low = _mm512_and_si512(left, low);
    __m512i right_high = _mm512_and_si512(_mm512_srli_epi16(right, 4), low), right_low = _mm512_and_si512(right, low);
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++) {
      __m512i q0 = broadcast(q + (size_t)i * qstride), q1 = broadcast(q + (size_t)i * qstride + 4);
      sums[i][0] = multiply(layout, multiply(layout, sums[i][0], left_low, q0), left_high, q1);
      sums[i][1] = multiply(layout, multiply(layout, sums[i][1], right_low, q0), right_high, q1);
    }
  } else {
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++) {
      __m512i q0 = broadcast(q + (size_t)i * qstride);
      sums[i][0] = multiply(layout, sums[i][0], left, q0);
      sums[i][1] = multiply(layout, sums[i][1], right, q0);
    }
  }
}

/// n queries against one panel. A few queries alone would wait for their own sums: they keep several sets of them.
CK_INLINE void one_panel(enum layout layout, int n, int sets, const char *q, size_t qstride, const char *panel,
                         size_t cells, char *out, size_t ldo) {
  size_t q_step = layout == U4 ? 8 : 4;
  __m512i sums[4][14][2];
#pragma clang loop unroll(full)
  for (int s = 0; s < sets; s++)
#pragma clang loop unroll(full)
    for (int i = 0; i < n; i++) sums[s][i][0] = sums[s][i][1] = _mm512_setzero_si512();
  // The results' rows are far apart and rarely in a cache: fetched now, all three lines that 128 bytes can touch, they are
  // there when the sums are. Without this a thousand queries ran at half the speed.
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++) {
    _mm_prefetch(out + (size_t)i * ldo * 4, _MM_HINT_T0);
    _mm_prefetch(out + (size_t)i * ldo * 4 + 64, _MM_HINT_T0);
    _mm_prefetch(out + (size_t)i * ldo * 4 + 127, _MM_HINT_T0);
  }
  size_t c = 0;
  for (; c + (size_t)sets <= cells; c += (size_t)sets) {
#pragma clang loop unroll(full)
    for (int s = 0; s < sets; s++) {
      _mm_prefetch(panel + 128 * s + AHEAD, _MM_HINT_T0);
      _mm_prefetch(panel + 128 * s + AHEAD + 64, _MM_HINT_T0);
      one_cell(layout, n, q + (size_t)s * q_step, qstride, panel + 128 * s, sums[s]);
    }
    q += (size_t)sets * q_step;
    panel += 128 * sets;
  }
  for (; c < cells; c++, q += q_step, panel += 128) one_cell(layout, n, q, qstride, panel, sums[0]);
#pragma clang loop unroll(full)
  for (int i = 0; i < n; i++)
#pragma clang loop unroll(full)
    for (int h = 0; h < 2; h++) {
      __m512i sum = sums[0][i][h];
#pragma clang loop unroll(full)
      for (int s = 1; s < sets; s++)
        sum = layout == F32 ? _mm512_castps_si512(_mm512_add_ps(_mm512_castsi512_ps(sum), _mm512_castsi512_ps(sums[s][i][h])))
                            : _mm512_add_epi32(sum, sums[s][i][h]);
      _mm512_storeu_si512(out + (size_t)i * ldo * 4 + 64 * (size_t)h, sum);
    }
}

typedef void (*panel_kernel)(const char *q, size_t qstride, const char *panel, size_t cells, char *out, size_t ldo);

#define KERNEL(LAYOUT, N, SETS)                                                                              \
  static void LAYOUT##_##N(const char *q, size_t qstride, const char *panel, size_t cells, char *out,        \
                           size_t ldo) {                                                                     \
    one_panel(LAYOUT, N, SETS, q, qstride, panel, cells, out, ldo);                                          \
  }
#define KERNELS_TO_12(LAYOUT)                                                                         \
  KERNEL(LAYOUT, 1, 4) KERNEL(LAYOUT, 2, 4) KERNEL(LAYOUT, 3, 2) KERNEL(LAYOUT, 4, 2)                 \
  KERNEL(LAYOUT, 5, 1) KERNEL(LAYOUT, 6, 1) KERNEL(LAYOUT, 7, 1) KERNEL(LAYOUT, 8, 1)                 \
  KERNEL(LAYOUT, 9, 1) KERNEL(LAYOUT, 10, 1) KERNEL(LAYOUT, 11, 1) KERNEL(LAYOUT, 12, 1)
#define NAMES_TO_12(L) NULL, L##_1, L##_2, L##_3, L##_4, L##_5, L##_6, L##_7, L##_8, L##_9, L##_10, L##_11, L##_12

KERNELS_TO_12(F32) KERNEL(F32, 13, 1) KERNEL(F32, 14, 1)
KERNELS_TO_12(U8) KERNEL(U8, 13, 1) KERNEL(U8, 14, 1)
KERNELS_TO_12(U4)

static const panel_kernel f32_kernels[15] = {NAMES_TO_12(F32), F32_13, F32_14};
static const panel_kernel u8_kernels[15] = {NAMES_TO_12(U8), U8_13, U8_14};
static const panel_kernel u4_kernels[13] = {NAMES_TO_12(U4)};

/// Panels are taken in groups that stay in the second-level cache while all queries pass over them; tiles of queries
/// differ by at most one, so that none is left with too little to do.
static void many_panels(const panel_kernel *kernels, size_t most, const char *q, size_t nq, size_t qstride,
                        const char *panels, size_t np, size_t cells, char *out, size_t ldo) {
  if (nq == 0) return;
  size_t panel_bytes = cells * 128, tiles = (nq + most - 1) / most;
  size_t group = panel_bytes ? 393216 / panel_bytes : np;
  if (group == 0) group = 1;
  for (size_t first = 0; first < np; first += group) {
    size_t end = first + group < np ? first + group : np;
    for (size_t tile = 0, i = 0; tile < tiles; tile++) {
      size_t n = nq / tiles + (tile < nq % tiles);
      for (size_t p = first; p < end; p++)
        kernels[n](q + i * qstride, qstride, panels + p * panel_bytes, cells, out + (i * ldo + p * 32) * 4, ldo);
      i += n;
    }
  }
}

void ck_avx512_ip_f32_panels(const float *q, size_t nq, size_t qstride, const float *panels, size_t np, size_t d,
                             float *out, size_t ldo) {
  many_panels(f32_kernels, 14, (const char *)q, nq, qstride * 4, (const char *)panels, np, d, (char *)out, ldo);
}

void ck_avx512_dot_u8_panels(const int8_t *q, size_t nq, size_t qstride, const uint8_t *panels, size_t np,
                             size_t padded, int32_t *out, size_t ldo) {
  many_panels(u8_kernels, 14, (const char *)q, nq, qstride, (const char *)panels, np, padded / 4, (char *)out, ldo);
}

void ck_avx512_dot_u4_panels(const int8_t *q, size_t nq, size_t qstride, const uint8_t *panels, size_t np,
                             size_t padded, int32_t *out, size_t ldo) {
  many_panels(u4_kernels, 12, (const char *)q, nq, qstride, (const char *)panels, np, padded / 8, (char *)out, ldo);
}

CK_AVX512_END
#endif
