// AVX2 with FMA: groups of 3 tokens by 16 rows.
#if defined(__x86_64__)
#define DECODER_HAS_VNNI 0
#define SIGNED_BYTES 1
#define DECODER_NAME "avx2"
#define DECODER_TABLE ck_decoder_avx2
#define CK_AVX2_DECODER_BEGIN CK_AVX2_BEGIN
#include "decoder_avx2.h"
#endif
