// Activations as bytes, which the int8 products read: every row, or group of a row's columns, with its own scale and zero.

typedef uint8_t vb __attribute__((ext_vector_type(LANES)));

CK_INLINE vf load_bf16(const void *from) {
  uint16_t __attribute__((ext_vector_type(LANES))) halves;
  memcpy(&halves, from, sizeof halves);
  return (vf)(__builtin_convertvector(halves, vu) << 16);
}

CK_INLINE void store_bytes(uint8_t *to, vf x, ck_byte_range range) {
  // Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the sum.
  vu bits = (vu)fused(x, (vf)range.inverse, (vf)(12582912.0f + range.zero));
  vb bytes = __builtin_convertvector(bits & 0xff, vb);
  memcpy(to, &bytes, sizeof bytes);
}

static void quantize_bf16(const ck_byte_rows *b) {
  size_t group = b->d / b->groups;
  for (size_t i = 0; i < b->m; i++)
    for (size_t g = 0; g < b->groups; g++) {
      const char *row = (const char *)b->rows + i * b->row_stride + g * group * 2;
      vf low = load_bf16(row), high = low;
      for (size_t j = LANES; j < group; j += LANES) {
        vf x = load_bf16(row + j * 2);
        low = lanes_min(low, x);
        high = lanes_max(high, x);
      }
      ck_byte_range range = ck_byte_range_of(-lanes_highest(-low), lanes_highest(high));
      b->scales[i * b->groups + g] = range.scale;
      b->zeros[i * b->groups + g] = range.zero;
      uint8_t *out = b->out + i * b->out_stride + g * group;
      for (size_t j = 0; j < group; j += LANES) store_bytes(out + j, load_bf16(row + j * 2), range);
    }
}
