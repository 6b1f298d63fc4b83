#include "decoder.h"

#include <pthread.h>

/// Best first; what this CPU cannot run is left out.
static const ck_decoder_kernels *candidates[4];
static const ck_decoder_kernels *active;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static const ck_decoder_kernels *find(const char *name) {
  for (int i = 0; i < 4 && candidates[i]; i++)
    if (strcmp(candidates[i]->name, name) == 0) return candidates[i];
  return NULL;
}

static void choose(void) {
  int n = 0;
#if defined(__x86_64__)
  if (ck_kernels_named("avx512")) candidates[n++] = &ck_decoder_avx512;
  if (ck_kernels_named("avx2")) candidates[n++] = &ck_decoder_avx2;
#elif defined(__aarch64__)
  candidates[n++] = &ck_decoder_neon;
#endif
  candidates[n++] = &ck_decoder_scalar;
  active = find(ck_kernels_active()->name);
  if (!active) active = candidates[0];
}

const ck_decoder_kernels *ck_decoder_kernels_active(void) {
  pthread_once(&once, choose);
  return active;
}

const ck_decoder_kernels *ck_decoder_kernels_named(const char *name) {
  pthread_once(&once, choose);
  return find(name);
}
