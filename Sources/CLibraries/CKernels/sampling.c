#include "sampling.h"

#include <pthread.h>
#include <stdlib.h>

/// Best first; what this CPU cannot run is left out.
static const ck_sampling_kernels *candidates[4];
static const ck_sampling_kernels *active;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void choose(void) {
  int n = 0;
#if defined(__x86_64__)
  if (ck_kernels_named("avx512")) candidates[n++] = &ck_sampling_avx512;
  if (ck_kernels_named("avx2")) candidates[n++] = &ck_sampling_avx2;
#elif defined(__aarch64__)
  candidates[n++] = &ck_sampling_neon;
#endif
  candidates[n++] = &ck_sampling_scalar;

  const char *wanted = getenv("RAGMETER_KERNELS");
  active = candidates[0];
  // The name of an encoder's implementation may say more than the instruction sets that this table knows.
  for (int i = n - 1; wanted && *wanted && i >= 0; i--)
    if (strncmp(candidates[i]->name, wanted, strlen(candidates[i]->name)) == 0) active = candidates[i];
}

const ck_sampling_kernels *ck_sampling_kernels_active(void) {
  pthread_once(&once, choose);
  return active;
}

const ck_sampling_kernels *ck_sampling_kernels_named(const char *name) {
  pthread_once(&once, choose);
  for (int i = 0; i < 4 && candidates[i]; i++)
    if (strcmp(candidates[i]->name, name) == 0) return candidates[i];
  return NULL;
}
