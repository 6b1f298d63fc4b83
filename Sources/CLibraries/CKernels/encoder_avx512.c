// AVX-512 with VNNI and without BF16, whose products are computed in float32.
#if defined(__x86_64__)
#define ENCODER_HAS_BF16 0
#define ENCODER_NAME "avx512"
#define ENCODER_TABLE ck_encoder_avx512
#define CK_AVX512_ENCODER_BEGIN                                                                                  \
  _Pragma(                                                                                                       \
      "clang attribute push(__attribute__((target(\"avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c\"))), apply_to = function)")
#include "encoder_avx512.h"
#endif
