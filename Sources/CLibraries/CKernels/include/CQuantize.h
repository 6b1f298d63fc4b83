// Turning float32 vectors into integer codes, and what is needed to bound the error of doing so. Plain loops, compiled for several instruction sets and chosen by the loader; sums are in double, so that a
// bound needs no slack for the way it was computed here.
#ifndef CQUANTIZE_H
#define CQUANTIZE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// How a row's scale s is chosen once its codes are fixed. v is the row less its reference, c its code less `zero`.
typedef enum {
  CK_SCALE_STEP = 0,           ///< the quantisation step itself
  CK_SCALE_UNBIASED = 1,       ///< |v|^2 / <v,c>: the estimate of a row against itself is right
  CK_SCALE_LEAST_SQUARES = 2,  ///< <v,c> / |c|^2: the smallest |v - s c|
} ck_scale_rule;

/// What is known of a row v = x - reference and its code, v = s c + e.
typedef struct {
  double scale;          ///< s
  double norm2;          ///< |v|^2
  double error2;         ///< |e|^2, never below the true one
  double code_norm2;     ///< |s c|^2
  double mean_code;      ///< <mean, s c>
  double reference_code; ///< <reference, s c>
  double reference_row;  ///< <reference, v>
} ck_row_code;

/// What is known of a query q' = q - mean and its code, q' = s q8 + e.
typedef struct {
  double scale;   ///< s
  double norm2;   ///< |q'|^2
  double error2;  ///< |e|^2, never below the true one
  double plain_norm2; ///< |q|^2
  double dot_mean; ///< <q, mean>
  int32_t sum;    ///< sum of q8
} ck_query_code;

/// Codes of one row, one byte a dimension, unsigned with `zero` = levels (127 gives zero 128, 7 gives zero 7): the value
/// is clamped to +-levels steps, a step being clip * max|v| / levels. Values must be finite.
ck_row_code ck_quantize_row(const float *x, const float *reference, const float *mean, size_t d, int levels, int zero,
                            double clip, ck_scale_rule rule, uint8_t *codes);

/// Signed codes of one query, +-127.
ck_query_code ck_quantize_query(const float *q, const float *mean, size_t d, int8_t *codes);

/// 1 if no value is NaN or infinite.
int ck_all_finite(const float *x, size_t n);

/// |x|^2, exact to double rounding.
double ck_norm2(const float *x, size_t d);

/// out = x * factor.
void ck_scale(const float *x, size_t d, double factor, float *out);

#ifdef __cplusplus
}
#endif
#endif
