#include "decoder.h"

/// Best first; what this CPU cannot run is left out.
static int fill(const ck_decoder_kernels **candidates) {
  int n = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (ck_kernels_named("avx512")) candidates[n++] = &ck_decoder_avx512;
  if (ck_kernels_named("avx2")) {
    if (__builtin_cpu_supports("avxvnni")) candidates[n++] = &ck_decoder_avx2vnni;
    candidates[n++] = &ck_decoder_avx2;
  }
#elif defined(__aarch64__)
  candidates[n++] = &ck_decoder_neon;
#endif
  candidates[n++] = &ck_decoder_scalar;
  return n;
}

#define CK_TABLE ck_decoder_kernels
#include "choosing.h"
