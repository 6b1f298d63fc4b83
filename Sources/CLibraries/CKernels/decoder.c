#include "decoder.h"

#include <pthread.h>
#include <stdlib.h>

/// Best first; what this CPU cannot run is left out.
static const ck_decoder_kernels *candidates[5];
static const ck_decoder_kernels *active;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const ck_decoder_kernels *find(const char *name) {
  for (int i = 0; i < 5 && candidates[i]; i++)
    if (strcmp(candidates[i]->name, name) == 0) return candidates[i];
  return NULL;
}

static void choose(void) {
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

  const char *wanted = getenv("RAGMETER_KERNELS");
  active = candidates[0];
  for (int i = n - 1; wanted && *wanted && i >= 0; i--)
    if (strncmp(candidates[i]->name, wanted, strlen(wanted)) == 0) active = candidates[i];
}

const ck_decoder_kernels *ck_decoder_kernels_active(void) {
  pthread_once(&once, choose);
  return active;
}

const ck_decoder_kernels *ck_decoder_kernels_named(const char *name) {
  pthread_once(&once, choose);
  return find(name);
}
