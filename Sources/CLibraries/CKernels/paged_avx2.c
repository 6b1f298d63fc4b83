// AVX2 with FMA: bf16 by float32 arithmetic.
#if defined(__x86_64__)
#include <immintrin.h>

#include "avx2_table.h"
#include "paged.h"

#define LANES 8
#define PAGED_ROWS 3
#define PAGED_UNITS 2
#define PAGED_COLUMNS 4
#define PAGED_NAME "avx2"
#define PAGED_TABLE ck_paged_avx2

CK_AVX2_BEGIN

#include "encoder_lanes.h"
#include "avx2_lanes.h"

#include "paged_attention.h"
#include "paged_store.h"

CK_AVX2_END
#endif
