// What the implementations of the sampling kernels share.
#ifndef CK_SAMPLING_H
#define CK_SAMPLING_H

#include "CSampling.h"
#include "kernels.h"

extern const ck_sampling_kernels ck_sampling_scalar;
#if defined(__x86_64__)
extern const ck_sampling_kernels ck_sampling_avx2;
extern const ck_sampling_kernels ck_sampling_avx512;
#elif defined(__aarch64__)
extern const ck_sampling_kernels ck_sampling_neon;
#endif

#endif
