#include "paged.h"

#include <pthread.h>
#include <stdlib.h>

/// Best first; what this CPU cannot run is left out.
static const ck_paged_kernels *candidates[5];
static const ck_paged_kernels *active;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void choose(void) {
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

  const char *wanted = getenv("RAGMETER_KERNELS");
  active = candidates[0];
  for (int i = n - 1; wanted && *wanted && i >= 0; i--)
    if (strncmp(candidates[i]->name, wanted, strlen(wanted)) == 0) active = candidates[i];
}

const ck_paged_kernels *ck_paged_kernels_active(void) {
  pthread_once(&once, choose);
  return active;
}

const ck_paged_kernels *ck_paged_kernels_named(const char *name) {
  pthread_once(&once, choose);
  for (int i = 0; i < 5 && candidates[i]; i++)
    if (strcmp(candidates[i]->name, name) == 0) return candidates[i];
  return NULL;
}
