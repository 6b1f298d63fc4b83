// What choosing a token from a row of logits reads all of it for, in a table of its own, chosen once at run time.
//
// The weight of a logit x is 2^((x - highest) * scale): with scale = log2(e) / temperature, its probability but for the sum.
// Logits that are no number weigh nothing, and neither does what would weigh less than 2^-126.
#ifndef CSAMPLING_H
#define CSAMPLING_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Logits whose weights are added up together, and whose highest is told.
#define CK_LOGIT_BLOCK 512

/// What may be written behind the last candidate.
#define CK_CANDIDATE_SLACK 16

/// A row of logits, and what is wanted of it.
typedef struct {
  const float *logits;
  size_t n;
  float highest;      ///< the highest of the logits
  float scale;
  float floor;        ///< candidates are those with (x - highest) * scale >= floor, which is -126 or more; INFINITY: none
  float *sums;        ///< [n / CK_LOGIT_BLOCK, rounded up]: the sum of the weights of each block
  int32_t *ids;       ///< [n + CK_CANDIDATE_SLACK]: places of the candidates, ascending
  float *candidates;  ///< [n + CK_CANDIDATE_SLACK]: their logits
} ck_weighing;

/// One implementation of everything.
typedef struct {
  const char *name;  ///< "avx512", "avx2", "neon", "scalar"

  /// The highest of n logits and the lowest place where it stands; -INFINITY and 0 where none is a number above that.
  /// maxima [n / CK_LOGIT_BLOCK, rounded up]: the highest of each block.
  float (*_Nonnull highest)(const float *logits, size_t n, size_t *place, float *maxima);
  /// Returns the number of candidates.
  size_t (*_Nonnull weigh)(const ck_weighing *w);
  /// The weights of n logits.
  void (*_Nonnull weights)(const float *logits, size_t n, float highest, float scale, float *out);
} ck_sampling_kernels;

/// The best implementation this CPU can run, or the one that RAGMETER_KERNELS begins with the name of.
const ck_sampling_kernels *ck_sampling_kernels_active(void);

/// The implementation of that name, or NULL if it is unknown or this CPU cannot run it.
const ck_sampling_kernels *_Nullable ck_sampling_kernels_named(const char *name);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
