#include "encoder.h"

size_t ck_attention_scratch(size_t length, size_t width) {
  return ck_scores_offset(length, width) + CK_TALLEST_TILE * ck_score_stride(length);
}

void ck_pack_panels(const uint32_t *weights, size_t n, size_t cells, uint32_t *panels) {
  for (size_t first = 0; first < n; first += CK_PANEL_COLUMNS)
    for (size_t c = 0; c < cells; c++)
      for (size_t r = first; r < first + CK_PANEL_COLUMNS; r++) *panels++ = r < n ? weights[r * cells + c] : 0;
}

void ck_bf16_from_f32(const float *in, size_t n, uint16_t *out) {
  for (size_t i = 0; i < n; i++) out[i] = ck_round_bf16(in[i]);
}

/// Best first; what this CPU cannot run is left out.
static int fill(const ck_encoder_kernels **candidates) {
  int n = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (ck_kernels_named("avx512")) {
    if (__builtin_cpu_supports("avx512bf16")) candidates[n++] = &ck_encoder_avx512bf16;
    candidates[n++] = &ck_encoder_avx512;
  }
  if (ck_kernels_named("avx2")) candidates[n++] = &ck_encoder_avx2;
#elif defined(__aarch64__)
  candidates[n++] = &ck_encoder_neon;
#endif
  candidates[n++] = &ck_encoder_scalar;
  return n;
}

#define CK_TABLE ck_encoder_kernels
#include "choosing.h"
