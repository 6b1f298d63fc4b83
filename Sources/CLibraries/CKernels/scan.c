#include "CScan.h"

#include <stdbool.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

typedef float floats __attribute__((ext_vector_type(16)));
typedef int32_t ints __attribute__((ext_vector_type(16)));
typedef bool bools __attribute__((ext_vector_type(16)));

#define INLINE static inline __attribute__((always_inline))

INLINE uint64_t key(float score, int32_t row) {
  uint32_t bits;
  memcpy(&bits, &score, 4);
  bits ^= (uint32_t)((int32_t)bits >> 31) | 0x80000000u;
  return (uint64_t)bits << 32 | (uint32_t)row;
}

/// A panel's rows that are not above the limit; a NaN is kept.
#define SELECT(BOUNDED)                                                                                          \
  const size_t width = BOUNDED ? 128 : 64;                                                                       \
  size_t count = 0;                                                                                              \
  for (size_t panel = first / 32; panel * 32 < last; panel++) {                                                  \
    const float *t = terms + panel * width;                                                                      \
    float scores[32];                                                                                            \
    uint32_t mask = 0;                                                                                           \
    for (int half = 0; half < 2; half++) {                                                                       \
      ints r;                                                                                                    \
      floats scale, bias, error, norm;                                                                           \
      memcpy(&r, raw + panel * 32 + 16 * half, 64);                                                              \
      memcpy(&scale, t + 16 * half, 64);                                                                         \
      memcpy(&bias, t + 32 + 16 * half, 64);                                                                     \
      floats score = __builtin_convertvector(r - q->offset, floats) * (scale * q->weight) + (bias + q->constant); \
      if (BOUNDED) {                                                                                             \
        memcpy(&error, t + 64 + 16 * half, 64);                                                                  \
        memcpy(&norm, t + 96 + 16 * half, 64);                                                                   \
        score -= error * q->row_error_weight + norm * q->query_error_weight;                                     \
      }                                                                                                          \
      bools above = __builtin_convertvector(score > limit, bools);                                               \
      uint16_t bits;                                                                                             \
      memcpy(&bits, &above, 2);                                                                                  \
      memcpy(scores + 16 * half, &score, 64);                                                                    \
      mask |= (uint32_t)(uint16_t)~bits << (16 * half);                                                          \
    }                                                                                                            \
    if (panel * 32 < first) mask &= ~0u << (first - panel * 32);                                                 \
    if (panel * 32 + 32 > last) mask &= ~0u >> (panel * 32 + 32 - last);                                         \
    for (; mask; mask &= mask - 1) {                                                                             \
      const int lane = __builtin_ctz(mask);                                                                      \
      out[count++] = key(scores[lane], base + (int32_t)(panel * 32) + lane);                                     \
    }                                                                                                            \
  }                                                                                                              \
  return count;

CLONES size_t ck_select_scores(const ck_scan_query *q, const int32_t *raw, const float *terms, size_t first,
                               size_t last, float limit, int32_t base, uint64_t *out) {
  SELECT(false)
}

CLONES size_t ck_select_bounds(const ck_scan_query *q, const int32_t *raw, const float *terms, size_t first,
                               size_t last, float limit, int32_t base, uint64_t *out) {
  SELECT(true)
}
