#include "kernels.h"

#include <pthread.h>
#include <stdlib.h>

/// Best first; what this CPU cannot run is left out.
static const ck_kernels *candidates[4];
static const ck_kernels *active;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const ck_kernels *find(const char *name) {
  for (int i = 0; candidates[i]; i++)
    if (strcmp(candidates[i]->name, name) == 0) return candidates[i];
  return NULL;
}

static void choose(void) {
  int n = 0;
#if defined(__x86_64__)
  __builtin_cpu_init();
  int avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
  int avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
               __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vnni");
  if (avx512) candidates[n++] = &ck_kernels_avx512;
  if (avx2) candidates[n++] = &ck_kernels_avx2;
#elif defined(__aarch64__)
  candidates[n++] = &ck_kernels_neon;
#endif
  candidates[n++] = &ck_kernels_scalar;

  const char *wanted = getenv("RAGMETER_KERNELS");
  active = wanted ? find(wanted) : NULL;
  if (!active) active = candidates[0];
}

const ck_kernels *ck_kernels_active(void) {
  pthread_once(&once, choose);
  return active;
}

const ck_kernels *ck_kernels_named(const char *name) {
  pthread_once(&once, choose);
  return find(name);
}
