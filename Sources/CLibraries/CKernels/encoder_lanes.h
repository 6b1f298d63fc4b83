// Vectors of LANES words of 32 bits, which the encoder's template is written in. Included once by each implementation,
// after it has defined LANES and before its own lanes_* functions.
#ifndef LANES
#error "define LANES first"
#endif

typedef float vf __attribute__((ext_vector_type(LANES)));
typedef int32_t vi __attribute__((ext_vector_type(LANES)));
typedef uint32_t vu __attribute__((ext_vector_type(LANES)));

/// How the four bytes of a cell are read.
enum type { F32, BF16, I8 };

/// Bytes of an activation.
CK_INLINE size_t element_bytes(enum type type) { return type == F32 ? 4 : 2; }

CK_INLINE vf load(const void *from) {
  vf x;
  memcpy(&x, from, sizeof x);
  return x;
}

CK_INLINE void store(void *to, vf x) { memcpy(to, &x, sizeof x); }

CK_INLINE vu broadcast(const char *cell) {
  uint32_t word;
  memcpy(&word, cell, sizeof word);
  return (vu)word;
}

CK_INLINE vf fused(vf a, vf b, vf c) { return __builtin_elementwise_fma(a, b, c); }

#if LANES == 16
CK_INLINE vu interleave_low(vu a, vu b) {
  return __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
}
CK_INLINE vu interleave_high(vu a, vu b) {
  return __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
}
CK_INLINE vi lane_numbers(void) { return (vi){0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15}; }
#elif LANES == 8
CK_INLINE vu interleave_low(vu a, vu b) { return __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
CK_INLINE vu interleave_high(vu a, vu b) { return __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
CK_INLINE vi lane_numbers(void) { return (vi){0, 1, 2, 3, 4, 5, 6, 7}; }
#else
CK_INLINE vu interleave_low(vu a, vu b) { return __builtin_shufflevector(a, b, 0, 4, 1, 5); }
CK_INLINE vu interleave_high(vu a, vu b) { return __builtin_shufflevector(a, b, 2, 6, 3, 7); }
CK_INLINE vi lane_numbers(void) { return (vi){0, 1, 2, 3}; }
#endif

/// Two bf16 products by float32 arithmetic, for CPUs without an instruction for them.
CK_INLINE vf widened_bf16_dot(vf sum, vu a, vu b) {
  sum = fused((vf)(a << 16), (vf)(b << 16), sum);
  return fused((vf)(a & 0xffff0000u), (vf)(b & 0xffff0000u), sum);
}

/// Rounds to bf16 in the low halves of the lanes.
CK_INLINE vu rounded_bf16(vf x) {
  vu bits = (vu)x;
  return (bits + 0x7fff + ((bits >> 16) & 1)) >> 16;
}
