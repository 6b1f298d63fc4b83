// AVX-512 with BF16.
#if defined(__x86_64__)
#define PAGED_HAS_BF16 1
#define PAGED_NAME "avx512bf16"
#define PAGED_TABLE ck_paged_avx512bf16
#define CK_AVX512_PAGED_BEGIN                                                                                    \
  _Pragma(                                                                                                       \
      "clang attribute push(__attribute__((target(\"avx512f,avx512bw,avx512vl,avx512dq,avx512bf16,avx2,fma,f16c\"))), apply_to = function)")
#include "paged_avx512.h"
#endif
