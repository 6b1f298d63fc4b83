// The sampling kernels as plain loops over the definitions, which the others are tested against.
#include "sampling.h"

static float highest(const float *logits, size_t n, size_t *place, float *maxima) {
  float most = -INFINITY;
  *place = 0;
  for (size_t j = 0; j < n; j++) {
    float *block = maxima + j / CK_LOGIT_BLOCK;
    if (j % CK_LOGIT_BLOCK == 0) *block = -INFINITY;
    if (logits[j] > *block) *block = logits[j];
    if (logits[j] > most) {
      most = logits[j];
      *place = j;
    }
  }
  return most;
}

static float weight(float power) { return power > -126 ? exp2f(power) : 0; }

static size_t weigh(const ck_weighing *w) {
  size_t count = 0;
  for (size_t first = 0; first < w->n; first += CK_LOGIT_BLOCK) {
    float sum = 0;
    for (size_t j = first; j < w->n && j < first + CK_LOGIT_BLOCK; j++) {
      float power = (w->logits[j] - w->highest) * w->scale;
      sum += weight(power);
      if (power >= w->floor) {
        w->ids[count] = (int32_t)j;
        w->candidates[count++] = w->logits[j];
      }
    }
    w->sums[first / CK_LOGIT_BLOCK] = sum;
  }
  return count;
}

static void weights(const float *logits, size_t n, float highest, float scale, float *out) {
  for (size_t j = 0; j < n; j++) out[j] = weight((logits[j] - highest) * scale);
}

const ck_sampling_kernels ck_sampling_scalar = {
    .name = "scalar", .highest = highest, .weigh = weigh, .weights = weights};
