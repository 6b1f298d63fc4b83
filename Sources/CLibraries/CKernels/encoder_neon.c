// NEON (base ARMv8): tiles of 6 x 16 sums, bf16 and bytes by wider arithmetic.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "encoder.h"

#define LANES 4
#define TILE_ROWS 6
#define TILE_VECTORS 4
#define ENCODER_NAME "neon"
#define ENCODER_TABLE ck_encoder_neon

#include "encoder_lanes.h"

CK_INLINE vf lanes_max(vf a, vf b) { return (vf)vmaxq_f32((float32x4_t)a, (float32x4_t)b); }
CK_INLINE vf lanes_min(vf a, vf b) { return (vf)vminq_f32((float32x4_t)a, (float32x4_t)b); }
CK_INLINE float lanes_sum(vf x) { return vaddvq_f32((float32x4_t)x); }
CK_INLINE float lanes_highest(vf x) { return vmaxvq_f32((float32x4_t)x); }

CK_INLINE vi lanes_dot_i8(vi sum, vu weights, vu row) {
  vi w = (vi)weights;
  sum += (w << 24 >> 24) * (vi)(row & 0xff);
  sum += (w << 16 >> 24) * (vi)(row >> 8 & 0xff);
  sum += (w << 8 >> 24) * (vi)(row >> 16 & 0xff);
  return sum + (w >> 24) * (vi)(row >> 24);
}

CK_INLINE vf lanes_dot_bf16(vf sum, vu weights, vu row) { return widened_bf16_dot(sum, weights, row); }

CK_INLINE void lanes_store_bf16(char *to, vf x) {
  vst1_u16((uint16_t *)to, vmovn_u32((uint32x4_t)rounded_bf16(x)));
}

#include "encoder_product.h"
#include "encoder_attention.h"
#include "encoder_bytes.h"
#include "encoder_rows.h"
#endif
