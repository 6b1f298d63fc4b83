#include "paged.h"

/// Best first; what this CPU cannot run is left out.
static int fill(const ck_paged_kernels **candidates) {
  int n = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (ck_kernels_named("avx512")) {
    if (__builtin_cpu_supports("avx512bf16")) candidates[n++] = &ck_paged_avx512bf16;
    candidates[n++] = &ck_paged_avx512;
  }
  if (ck_kernels_named("avx2")) candidates[n++] = &ck_paged_avx2;
#elif defined(__aarch64__)
  candidates[n++] = &ck_paged_neon;
#endif
  candidates[n++] = &ck_paged_scalar;
  return n;
}

#define CK_TABLE ck_paged_kernels
#include "choosing.h"
