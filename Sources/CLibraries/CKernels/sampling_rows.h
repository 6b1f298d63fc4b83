// The sampling kernels over vectors of LANES floats. Included once by each implementation, after it has defined LANES,
// SAMPLING_NAME, SAMPLING_TABLE and its lanes_* functions:
//   lanes_max(a, b): b where either is no number; lanes_highest(x): the highest lane;
//   lanes_sum(x); lanes_any(hits): whether any lane of a comparison holds;
//   lanes_compress(hits, x, first, ids, logits): writes the lanes that hit, and their places from `first` on; how many.

CK_INLINE vf load_part(const float *from, size_t n) {
  vf x = -INFINITY;
  memcpy(&x, from, n * sizeof(float));
  return x;
}

/// 2^x for x <= 0, relative error 7.5e-8; nothing for what is no number or below -126.
CK_INLINE vf power_of_two(vf x) {
  vf bounded = lanes_max(x, (vf)-126);
  // Adding 1.5 * 2^23 leaves the nearest integer in the low bits of the sum.
  vf shifted = bounded + 12582912.0f;
  vf f = bounded - (shifted - 12582912.0f);
  vf p = fused(fused((vf)0.00132764771f, f, (vf)0.00967554562f), f, (vf)0.0555071346f);
  p = fused(fused(fused(p, f, (vf)0.240221202f), f, (vf)0.693146944f), f, (vf)1.00000012f);
  return (vf)((vi)((vu)p + ((vu)shifted << 23)) & (x > (vf)-126));
}

static float highest(const float *logits, size_t n, size_t *place, float *maxima) {
  float most = -INFINITY;
  size_t block = 0;
  for (size_t first = 0; first < n; first += CK_LOGIT_BLOCK) {
    size_t count = n - first < CK_LOGIT_BLOCK ? n - first : CK_LOGIT_BLOCK;
    const float *row = logits + first;
    vf a = -INFINITY, b = a, c = a, d = a;
    size_t j = 0;
    for (; j + 4 * LANES <= count; j += 4 * LANES) {
      a = lanes_max(load(row + j), a);
      b = lanes_max(load(row + j + LANES), b);
      c = lanes_max(load(row + j + 2 * LANES), c);
      d = lanes_max(load(row + j + 3 * LANES), d);
    }
    for (; j < count; j += LANES) a = lanes_max(load_part(row + j, count - j < LANES ? count - j : LANES), a);
    float found = lanes_highest(lanes_max(lanes_max(a, b), lanes_max(c, d)));
    maxima[first / CK_LOGIT_BLOCK] = found;
    if (found > most) {
      most = found;
      block = first;
    }
  }
  *place = block;
  if (most > -INFINITY)
    while (logits[*place] != most) ++*place;
  return most;
}

static size_t weigh(const ck_weighing *w) {
  vf top = w->highest, scale = w->scale, bound = w->floor;
  size_t found = 0;
  for (size_t first = 0; first < w->n; first += CK_LOGIT_BLOCK) {
    size_t count = w->n - first < CK_LOGIT_BLOCK ? w->n - first : CK_LOGIT_BLOCK;
    vf sums[2] = {0, 0};
    for (size_t j = 0; j < count; j += LANES) {
      size_t n = count - j < LANES ? count - j : LANES;
      vf x = n == LANES ? load(w->logits + first + j) : load_part(w->logits + first + j, n);
      vf power = (x - top) * scale;
      sums[j / LANES % 2] += power_of_two(power);
      vi hits = power >= bound;
      if (lanes_any(hits)) found += lanes_compress(hits, x, (int32_t)(first + j), w->ids + found, w->candidates + found);
    }
    w->sums[first / CK_LOGIT_BLOCK] = lanes_sum(sums[0] + sums[1]);
  }
  return found;
}

static void weights(const float *logits, size_t n, float highest, float scale, float *out) {
  size_t j = 0;
  for (; j + LANES <= n; j += LANES) store(out + j, power_of_two((load(logits + j) - highest) * scale));
  if (j == n) return;
  vf last = power_of_two((load_part(logits + j, n - j) - highest) * scale);
  memcpy(out + j, &last, (n - j) * sizeof(float));
}

const ck_sampling_kernels SAMPLING_TABLE = {
    .name = SAMPLING_NAME, .highest = highest, .weigh = weigh, .weights = weights};
