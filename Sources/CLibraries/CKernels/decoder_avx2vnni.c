// AVX2 with the dot products of bytes that came with AVX-VNNI.
#if defined(__x86_64__)
#define DECODER_HAS_VNNI 1
#define SIGNED_BYTES 0
#define DECODER_NAME "avx2vnni"
#define DECODER_TABLE ck_decoder_avx2vnni
#define CK_AVX2_DECODER_BEGIN \
  _Pragma("clang attribute push(__attribute__((target(\"avx2,fma,f16c,avxvnni\"))), apply_to = function)")
#include "decoder_avx2.h"
#endif
