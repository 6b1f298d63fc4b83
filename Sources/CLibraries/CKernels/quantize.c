#include "CQuantize.h"

#include <math.h>
#include <string.h>

// Sums may be reordered: they are in double over float32 inputs, and every bound below adds more than the reordering can
// take away.
#pragma clang fp reassociate(on) contract(fast)

#if defined(__x86_64__) && defined(__linux__)
#define CLONES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#else
#define CLONES
#endif

/// Relative error of the double sums: d * 2^-53 with d up to 2^20, times the few terms that are combined.
static const double SLACK = 1e-9;

CLONES static double largest(const float *x, const float *reference, size_t d, double *norm2) {
  // Eight lanes, because a maximum may not be reordered where NaN is not ruled out.
  double most[8] = {0}, sum = 0;
  size_t i = 0;
  for (; i + 8 <= d; i += 8)
    for (size_t lane = 0; lane < 8; lane++) {
      double v = (double)x[i + lane] - (double)reference[i + lane];
      double a = fabs(v);
      most[lane] = a > most[lane] ? a : most[lane];
      sum += v * v;
    }
  for (; i < d; i++) {
    double v = (double)x[i] - (double)reference[i];
    double a = fabs(v);
    most[0] = a > most[0] ? a : most[0];
    sum += v * v;
  }
  for (size_t lane = 1; lane < 8; lane++) most[0] = most[lane] > most[0] ? most[lane] : most[0];
  *norm2 = sum;
  return most[0];
}

typedef struct {
  double row_code, code2, mean_code, reference_code, reference_row;
} row_sums;

CLONES static void code_row(const float *x, const float *reference, const float *mean, size_t d, int levels, int zero,
                            double inverse, uint8_t *codes, row_sums *out) {
  double row_code = 0, code2 = 0, mean_code = 0, reference_code = 0, reference_row = 0;
  const double top = levels;
  for (size_t i = 0; i < d; i++) {
    double v = (double)x[i] - (double)reference[i];
    double c = rint(v * inverse);
    c = c > top ? top : c;
    c = c < -top ? -top : c;
    codes[i] = (uint8_t)((int)c + zero);
    row_code += v * c;
    code2 += c * c;
    mean_code += (double)mean[i] * c;
    reference_code += (double)reference[i] * c;
    reference_row += (double)reference[i] * v;
  }
  *out = (row_sums){row_code, code2, mean_code, reference_code, reference_row};
}

ck_row_code ck_quantize_row(const float *x, const float *reference, const float *mean, size_t d, int levels, int zero,
                            double clip, ck_scale_rule rule, uint8_t *codes) {
  ck_row_code row = {0};
  const double most = largest(x, reference, d, &row.norm2);
  const double step = clip * most / levels;
  row_sums sums;
  code_row(x, reference, mean, d, levels, zero, step > 0 ? 1 / step : 0, codes, &sums);
  double scale = step;
  if (rule == CK_SCALE_UNBIASED && sums.row_code > 0) scale = row.norm2 / sums.row_code;
  if (rule == CK_SCALE_LEAST_SQUARES && sums.code2 > 0) scale = sums.row_code / sums.code2;
  // The bound holds for the scale that is stored, which is a float; beyond its range there is nothing to store.
  if (scale > 1e17) scale = 1e17;
  scale = (double)(float)scale;
  row.scale = scale;
  row.code_norm2 = scale * scale * sums.code2;
  const double error2 = row.norm2 - 2 * scale * sums.row_code + row.code_norm2;
  row.error2 = (error2 > 0 ? error2 : 0) + SLACK * (row.norm2 + row.code_norm2);
  row.mean_code = scale * sums.mean_code;
  row.reference_code = scale * sums.reference_code;
  row.reference_row = sums.reference_row;
  return row;
}

CLONES static void code_query(const float *q, const float *mean, size_t d, double inverse, int8_t *codes,
                              double *query_code, double *code2, double *plain, double *dot_mean,
                              int32_t *sum) {
  double qc = 0, cc = 0, dot = 0, qq = 0;
  int32_t total = 0;
  for (size_t i = 0; i < d; i++) {
    double v = (double)q[i] - (double)mean[i];
    double c = rint(v * inverse);
    c = c > 127 ? 127 : c;
    c = c < -127 ? -127 : c;
    codes[i] = (int8_t)(int)c;
    total += (int)c;
    qc += v * c;
    cc += c * c;
    dot += (double)q[i] * (double)mean[i];
    qq += (double)q[i] * (double)q[i];
  }
  *plain = qq;
  *query_code = qc;
  *code2 = cc;
  *dot_mean = dot;
  *sum = total;
}

ck_query_code ck_quantize_query(const float *q, const float *mean, size_t d, int8_t *codes) {
  ck_query_code query = {0};
  const double most = largest(q, mean, d, &query.norm2);
  double scale = most / 127;
  if (scale > 1e17) scale = 1e17;
  scale = (double)(float)scale;
  double query_code, code2;
  code_query(q, mean, d, scale > 0 ? 1 / scale : 0, codes, &query_code, &code2, &query.plain_norm2, &query.dot_mean,
             &query.sum);
  query.scale = scale;
  const double error2 = query.norm2 - 2 * scale * query_code + scale * scale * code2;
  query.error2 = (error2 > 0 ? error2 : 0) + SLACK * query.norm2;
  return query;
}

CLONES int ck_all_finite(const float *x, size_t n) {
  uint32_t bad = 0;
  for (size_t i = 0; i < n; i++) {
    uint32_t bits;
    memcpy(&bits, x + i, 4);
    bad |= (bits & 0x7f800000u) == 0x7f800000u;
  }
  return !bad;
}

CLONES double ck_norm2(const float *x, size_t d) {
  double sum = 0;
  for (size_t i = 0; i < d; i++) sum += (double)x[i] * (double)x[i];
  return sum;
}

CLONES void ck_scale(const float *x, size_t d, double factor, float *out) {
  for (size_t i = 0; i < d; i++) out[i] = (float)((double)x[i] * factor);
}
