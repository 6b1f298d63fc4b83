// Sampling with NEON (base ARMv8).
#if defined(__aarch64__)
#include <arm_neon.h>

#include "sampling.h"

#define LANES 4
#define SAMPLING_NAME "neon"
#define SAMPLING_TABLE ck_sampling_neon

#include "encoder_lanes.h"

CK_INLINE vf lanes_max(vf a, vf b) { return (vf)vmaxnmq_f32((float32x4_t)a, (float32x4_t)b); }
CK_INLINE float lanes_highest(vf x) { return vmaxvq_f32((float32x4_t)x); }
CK_INLINE float lanes_sum(vf x) { return vaddvq_f32((float32x4_t)x); }
CK_INLINE int lanes_any(vi hits) { return vmaxvq_u32((uint32x4_t)hits) != 0; }

#include "sampling_compress.h"
#include "sampling_rows.h"

#endif
