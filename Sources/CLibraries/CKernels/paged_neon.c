// NEON (base ARMv8): bf16 by float32 arithmetic.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "paged.h"

#define LANES 4
#define PAGED_ROWS 3
#define PAGED_UNITS 1
#define PAGED_COLUMNS 4
#define PAGED_NAME "neon"
#define PAGED_TABLE ck_paged_neon

#include "encoder_lanes.h"

CK_INLINE vf lanes_max(vf a, vf b) { return (vf)vmaxq_f32((float32x4_t)a, (float32x4_t)b); }
CK_INLINE float lanes_sum(vf x) { return vaddvq_f32((float32x4_t)x); }
CK_INLINE float lanes_highest(vf x) { return vmaxvq_f32((float32x4_t)x); }

CK_INLINE vf lanes_dot_bf16(vf sum, vu weights, vu row) { return widened_bf16_dot(sum, weights, row); }

CK_INLINE void lanes_store_bf16(char *to, vf x) {
  vst1_u16((uint16_t *)to, vmovn_u32((uint32x4_t)rounded_bf16(x)));
}

#include "paged_attention.h"
#include "paged_store.h"
#endif
