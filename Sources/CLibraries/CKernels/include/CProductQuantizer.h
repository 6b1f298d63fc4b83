// Product quantisation with 16 centroids a sub-quantiser: dot products with every centroid, nearest centroids, and look-up
// tables of bytes for pq4_scan. Plain loops, chosen for the CPU by the loader.
//
// m sub-quantisers of s dimensions each; vectors hold m * s floats. Code books are [m][s][16].
#ifndef CPRODUCTQUANTIZER_H
#define CPRODUCTQUANTIZER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// products[i][c] = <x_i, centroid c of i>; [m][16] floats.
void ck_pq_products(const float *x, const float *books, size_t m, size_t s, float *products);

/// codes[i] = the c that makes half_norms[i][c] - products[i][c] smallest, the first of equals.
void ck_pq_nearest(const float *products, const float *half_norms, size_t m, uint8_t *codes);

/// Bytes with  factor * products[i][c] ~ base_i + step * tables[i][c]; a sum over all i is at most `most`.
/// Returns step; *base becomes the sum of all base_i.
float ck_pq_tables(const float *products, float factor, size_t m, float most, uint8_t *tables, float *base);

/// raw[r] = sums[r].
void ck_pq_widen(const uint16_t *sums, size_t n, int32_t *raw);

#ifdef __cplusplus
}
#endif
#endif
