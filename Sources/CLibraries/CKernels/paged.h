// What the implementations of the paged attention share.
#ifndef CK_PAGED_H
#define CK_PAGED_H

#include "encoder.h"

#include "CPaged.h"

extern const ck_paged_kernels ck_paged_scalar;
#if defined(__x86_64__)
extern const ck_paged_kernels ck_paged_avx2;
extern const ck_paged_kernels ck_paged_avx512;
extern const ck_paged_kernels ck_paged_avx512bf16;
#elif defined(__aarch64__)
extern const ck_paged_kernels ck_paged_neon;
#endif

enum { CK_PAGED_UNIT = 16, CK_PAGED_SPAN_UNITS = CK_PAGED_SPAN / CK_PAGED_UNIT };

/// Lower than any score, and finite, so that the difference of two such is 0.
#define CK_PAGED_LOWEST -1e30f

CK_INLINE size_t ck_paged_limit(const ck_paged_attention *a, size_t row) {
  size_t limit = a->position + row / a->group + 1;
  return limit < a->last ? limit : a->last;
}

/// The first row that sees the token at `first`; the rows after it see it too.
CK_INLINE size_t ck_paged_first_row(const ck_paged_attention *a, size_t first) {
  size_t row = first > a->position ? (first - a->position) * a->group : 0;
  return row < a->rows ? row : a->rows;
}

/// The unit of 16 tokens, or of 8 in blocks of 8, in which `token` lies.
CK_INLINE char *ck_paged_unit_of(const ck_paged_heads *h, const int32_t *table, size_t token) {
  size_t unit = h->block_size < CK_PAGED_UNIT ? h->block_size : CK_PAGED_UNIT;
  size_t block = token / h->block_size, within = token % h->block_size / unit;
  return h->units + (size_t)table[block] * h->block_bytes + within * ck_paged_unit_bytes(unit, h->width);
}

#endif
