// AVX-512 with VNNI: groups of 6 tokens by 32 rows.
#if defined(__x86_64__)
#include <immintrin.h>

#include "decoder.h"

#define LANES 16
#define TILE_VECTORS 2
#define GROUP_TOKENS 6
#define DECODER_NAME "avx512"
#define DECODER_TABLE ck_decoder_avx512

#pragma clang attribute push(__attribute__((target("avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c"))), apply_to = function)

#include "encoder_lanes.h"

CK_INLINE vf lanes_max(vf a, vf b) { return (vf)_mm512_max_ps((__m512)a, (__m512)b); }
CK_INLINE vf lanes_min(vf a, vf b) { return (vf)_mm512_min_ps((__m512)a, (__m512)b); }
CK_INLINE vf lanes_from_half(const char *from) {
  return (vf)_mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)from));
}

CK_INLINE vi lanes_dot(ck_cell_format format, vi sum, vu weights, vu row) {
  (void)format;
  return (vi)_mm512_dpbusd_epi32((__m512i)sum, (__m512i)weights, (__m512i)row);
}

#include "decoder_product.h"

#pragma clang attribute pop
#endif
