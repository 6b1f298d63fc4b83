// NEON (base ARMv8): groups of 3 tokens by 16 rows, bytes by wider arithmetic.
#if defined(__aarch64__)
#include <arm_neon.h>

#include "decoder.h"

#define LANES 4
#define TILE_VECTORS 4
#define GROUP_TOKENS 3
#define DECODER_NAME "neon"
#define DECODER_TABLE ck_decoder_neon

#include "encoder_lanes.h"

CK_INLINE vf lanes_max(vf a, vf b) { return (vf)vmaxq_f32((float32x4_t)a, (float32x4_t)b); }
CK_INLINE vf lanes_min(vf a, vf b) { return (vf)vminq_f32((float32x4_t)a, (float32x4_t)b); }
CK_INLINE vf lanes_from_half(const char *from) {
  return (vf)vcvt_f32_f16(vreinterpret_f16_u16(vld1_u16((const uint16_t *)from)));
}

/// Pairs of products in 16 bits fit for weights of at most six bits; whole bytes are summed in 32.
CK_INLINE vi lanes_dot(ck_cell_format format, vi sum, vu weights, vu row) {
  uint8x16_t w = (uint8x16_t)weights;
  int8x16_t x = (int8x16_t)row;
  if (format != CK_S8) {
    int8x16_t s = vreinterpretq_s8_u8(w);
    int16x8_t low = vmull_s8(vget_low_s8(s), vget_low_s8(x)), high = vmull_high_s8(s, x);
    return sum + (vi)vpaddlq_s16(vpaddq_s16(low, high));
  }
  int16x8_t w_low = vreinterpretq_s16_u16(vmovl_u8(vget_low_u8(w))), x_low = vmovl_s8(vget_low_s8(x));
  int16x8_t w_high = vreinterpretq_s16_u16(vmovl_high_u8(w)), x_high = vmovl_high_s8(x);
  int32x4_t first = vpaddq_s32(vmull_s16(vget_low_s16(w_low), vget_low_s16(x_low)), vmull_high_s16(w_low, x_low));
  int32x4_t second = vpaddq_s32(vmull_s16(vget_low_s16(w_high), vget_low_s16(x_high)), vmull_high_s16(w_high, x_high));
  return sum + (vi)vpaddq_s32(first, second);
}

CK_INLINE void lanes_byte_sums(const void *bytes, int sums[2]) {
  sums[0] = vaddlvq_s8(vld1q_s8((const int8_t *)bytes));
  sums[1] = vaddlvq_s8(vld1q_s8((const int8_t *)bytes + 16));
}

#include "decoder_product.h"
#endif
