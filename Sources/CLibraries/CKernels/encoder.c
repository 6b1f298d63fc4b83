#include "encoder.h"

#include <pthread.h>
#include <stdlib.h>

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
static const ck_encoder_kernels *candidates[5];
static const ck_encoder_kernels *active;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void choose(void) {
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

  const char *wanted = getenv("RAGMETER_KERNELS");
  active = candidates[0];
  for (int i = n - 1; wanted && *wanted && i >= 0; i--)
    if (strncmp(candidates[i]->name, wanted, strlen(wanted)) == 0) active = candidates[i];
}

const ck_encoder_kernels *ck_encoder_kernels_active(void) {
  pthread_once(&once, choose);
  return active;
}

const ck_encoder_kernels *ck_encoder_kernels_named(const char *name) {
  pthread_once(&once, choose);
  for (int i = 0; i < 5 && candidates[i]; i++)
    if (strcmp(candidates[i]->name, name) == 0) return candidates[i];
  return NULL;
}
