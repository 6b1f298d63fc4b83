#include "CProductQuantizer.h"

#include <math.h>
#include <string.h>

#if defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

typedef float floats __attribute__((ext_vector_type(16)));

CLONES void ck_pq_products(const float *x, const float *books, size_t m, size_t s, float *products) {
  for (size_t i = 0; i < m; i++) {
    floats sum = 0;
    for (size_t j = 0; j < s; j++) {
      floats centroids;
      memcpy(&centroids, books + (i * s + j) * 16, 64);
      sum += centroids * x[i * s + j];
    }
    memcpy(products + i * 16, &sum, 64);
  }
}

CLONES void ck_pq_nearest(const float *products, const float *half_norms, size_t m, uint8_t *codes) {
  for (size_t i = 0; i < m; i++) {
    float best = INFINITY;
    int code = 0;
    for (int c = 0; c < 16; c++) {
      float distance = half_norms[i * 16 + c] - products[i * 16 + c];
      code = distance < best ? c : code;
      best = distance < best ? distance : best;
    }
    codes[i] = (uint8_t)code;
  }
}

CLONES float ck_pq_tables(const float *products, float factor, size_t m, float most, uint8_t *tables, float *base) {
  float widest = 0, sum = 0;
  for (size_t i = 0; i < m; i++) {
    floats entries;
    memcpy(&entries, products + i * 16, 64);
    entries *= factor;
    float low = __builtin_reduce_min(entries), high = __builtin_reduce_max(entries);
    widest = high - low > widest ? high - low : widest;
    sum += low;
  }
  const float levels = most / (float)m < 255 ? floorf(most / (float)m) : 255;
  const float step = widest / levels, inverse = widest > 0 ? levels / widest : 0;
  for (size_t i = 0; i < m; i++) {
    floats entries;
    memcpy(&entries, products + i * 16, 64);
    entries *= factor;
    entries = (entries - __builtin_reduce_min(entries)) * inverse + 0.5f;
    for (int c = 0; c < 16; c++) tables[i * 16 + c] = (uint8_t)(entries[c] < levels ? entries[c] : levels);
  }
  *base = sum;
  return step;
}

CLONES void ck_pq_widen(const uint16_t *sums, size_t n, int32_t *raw) {
  for (size_t i = 0; i < n; i++) raw[i] = sums[i];
}
