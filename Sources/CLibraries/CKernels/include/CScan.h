// The second half of a scan over code panels: raw integer products become scores or lower bounds of distances, and the
// rows that may still matter are picked out. Chosen for the CPU by the loader.
#ifndef CSCAN_H
#define CSCAN_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// score = constant + bias + scale * weight * (raw - offset)
/// bound = score - row_error_weight * error - query_error_weight * code_norm
typedef struct {
  int32_t offset;
  float weight;
  float constant;
  float row_error_weight;
  float query_error_weight;
} ck_scan_query;

/// Keys of the rows first..last-1 whose score is not above `limit`: the score's bits, made to order like unsigned integers,
/// above the row's number. raw, terms and the numbering `base` begin with row 0 of the same panel; `terms` holds
/// [panel][2][32] floats: scale, bias. out has room for last - first keys.
size_t ck_select_scores(const ck_scan_query *q, const int32_t *raw, const float *terms, size_t first, size_t last,
                        float limit, int32_t base, uint64_t *out);

/// The same for lower bounds; `terms` holds [panel][4][32] floats: scale, bias, error, code_norm.
size_t ck_select_bounds(const ck_scan_query *q, const int32_t *raw, const float *terms, size_t first, size_t last,
                        float limit, int32_t base, uint64_t *out);

#ifdef __cplusplus
}
#endif
#endif
