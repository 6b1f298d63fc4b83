// NEON (base ARMv8): groups of 3 tokens by 16 rows, bytes by wider arithmetic.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "decoder.h"

#define LANES 4
#define TILE_VECTORS 4
#define GROUP_TOKENS 3
#define SIGNED_BYTES 1
#define DECODER_NAME "neon"
#define DECODER_TABLE ck_decoder_neon

#include "encoder_lanes.h"

CK_INLINE vf lanes_max(vf a, vf b) { return (vf)vmaxq_f32((float32x4_t)a, (float32x4_t)b); }
CK_INLINE vf lanes_min(vf a, vf b) { return (vf)vminq_f32((float32x4_t)a, (float32x4_t)b); }
CK_INLINE vf lanes_from_half(const char *from) {
  return (vf)vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16((const uint16_t *)from)));
}

/// Pairs of products fit in 16 bits: of weights of at most six bits, and of signed bytes, because inputs are never -128.
CK_INLINE vi lanes_dot(ck_cell_format format, vi sum, vu weights, vu row) {
  int8x16_t w = vreinterpretq_s8_u8((uint8x16_t)(format == CK_S8 ? weights ^ 0x80808080 : weights)), x = (int8x16_t)row;
  int16x8_t low = vmull_s8(vget_low_s8(w), vget_low_s8(x)), high = vmull_high_s8(w, x);
  return sum + (vi)vpaddlq_s16(vpaddq_s16(low, high));
}

CK_INLINE void lanes_byte_sums(const void *bytes, int sums[2]) {
  sums[0] = vaddlvq_s8(vld1q_s8((const int8_t *)bytes));
  sums[1] = vaddlvq_s8(vld1q_s8((const int8_t *)bytes + 16));
}

#include "decoder_product.h"
#endif
