// SIMD kernels, chosen once at run time. Every function exists as AVX-512 (with VNNI), AVX2, NEON and scalar; integer
// results are equal on all of them to the last bit, float32 results to rounding.
//
// Words: d is a dimension, n a number of rows, "stride" the distance between rows in elements of the row's type. A row id
// is an int32_t index of a row. Unless a comment says otherwise no pointer needs alignment; rows of codes and panels that
// begin on 64 bytes are read up to twice as fast.
#ifndef CKERNELS_H
#define CKERNELS_H

#include <stddef.h>
#include <stdint.h>

#include "CDecoder.h"
#include "CEncoder.h"
#include "CMemory.h"
#include "CPaged.h"
#include "CProductQuantizer.h"
#include "CQuantize.h"
#include "CSampling.h"
#include "CScan.h"
#include "CTeam.h"

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Rows in a panel: the unit in which scanned rows are stored interleaved, so that a scan needs no reduction.
#define CK_PANEL_ROWS 32

/// How a row of integer codes stands for a float32 vector: x ~ mean + scale * (code - zero). See CodeQuery in Kernels.
/// zero is 128 for 8-bit codes (one byte a dimension) and 7 for 4-bit codes.
///
/// Row-major layout ("codes"): 8 bit: byte j is dimension j, padded with code `zero` to a multiple of 64 dimensions.
/// 4 bit: blocks of 128 dimensions in 64 bytes; byte j of block b holds dimension 128b+j in the low nibble and
/// 128b+64+j in the high nibble; padded to a multiple of 128 dimensions with code 7.
///
/// Panel layout: 32 rows interleaved. 8 bit: [d/4][32 rows][4 bytes], byte e of cell (j, r) is dimension 4j+e of row r,
/// padded to a multiple of 4. 4 bit: [d/8][32 rows][4 bytes], byte e of cell (j, r) holds dimension 8j+e in the low
/// nibble and 8j+4+e in the high nibble, padded to a multiple of 8. Float: [d][32 rows], no padding. Rows missing from
/// the last panel are zero (the caller ignores their results).
typedef struct {
  const int8_t *q8;   ///< quantised query, padded with 0 to the code layout's padded dimension
  int32_t offset;     ///< zero * sum(q8): subtracted from the raw dot product of unsigned codes
  float weight;       ///< multiplies the row's scale: -2*sq for squared L2, -sq for inner product
} ck_code_query;

typedef struct {
  const uint8_t *codes;  ///< row-major codes
  size_t code_stride;    ///< bytes between rows
  size_t padded;         ///< padded dimensions (a multiple of 64, or of 128 for 4 bits)
  const uint8_t *meta;   ///< two floats a row at meta + id*meta_stride: scale, bias
  size_t meta_stride;    ///< bytes between rows' scale/bias pairs; may equal code_stride (stored in the row)
} ck_code_rows;

/// One implementation of everything.
typedef struct {
  const char *name;  ///< "avx512", "avx2", "neon", "scalar"

  // Pairs of float32 vectors.
  float (*_Nonnull l2_f32)(const float *a, const float *b, size_t d);
  float (*_Nonnull ip_f32)(const float *a, const float *b, size_t d);
  float (*_Nonnull cosine_f32)(const float *a, const float *b, size_t d);  ///< a.b / (|a||b|); 0 if either is zero

  // Pairs of byte vectors, exact in int32 for d <= 32768.
  int32_t (*_Nonnull l2_i8)(const int8_t *a, const int8_t *b, size_t d);
  int32_t (*_Nonnull ip_i8)(const int8_t *a, const int8_t *b, size_t d);
  int32_t (*_Nonnull l2_u8)(const uint8_t *a, const uint8_t *b, size_t d);
  int32_t (*_Nonnull ip_u8)(const uint8_t *a, const uint8_t *b, size_t d);
  float (*_Nonnull cosine_i8)(const int8_t *a, const int8_t *b, size_t d);
  float (*_Nonnull cosine_u8)(const uint8_t *a, const uint8_t *b, size_t d);

  // One query against listed rows, prefetching rows ahead: out[i] = f(q, base + ids[i]*stride).
  void (*_Nonnull l2_f32_gather)(const float *q, const float *base, size_t stride, size_t d, const int32_t *ids, size_t n, float *out);
  void (*_Nonnull ip_f32_gather)(const float *q, const float *base, size_t stride, size_t d, const int32_t *ids, size_t n, float *out);
  void (*_Nonnull l2_f16_gather)(const float *q, const uint16_t *base, size_t stride, size_t d, const int32_t *ids, size_t n, float *out);
  void (*_Nonnull ip_f16_gather)(const float *q, const uint16_t *base, size_t stride, size_t d, const int32_t *ids, size_t n, float *out);
  /// out[i] = bias + scale * weight * (q8 . code - offset) of row ids[i].
  void (*_Nonnull score_u8_gather)(const ck_code_query *q, const ck_code_rows *rows, const int32_t *ids, size_t n, float *out);
  void (*_Nonnull score_u4_gather)(const ck_code_query *q, const ck_code_rows *rows, const int32_t *ids, size_t n, float *out);

  // One query against contiguous rows.
  void (*_Nonnull l2_f32_rows)(const float *q, const float *rows, size_t stride, size_t d, size_t n, float *out);
  void (*_Nonnull ip_f32_rows)(const float *q, const float *rows, size_t stride, size_t d, size_t n, float *out);

  // A tile of nq queries against np panels of 32 rows: out[i*ldo + 32*p + r] for query i, panel p, row r.
  // q rows are `qstride` elements apart; blocked for registers and cache, any nq and np.
  void (*_Nonnull ip_f32_panels)(const float *q, size_t nq, size_t qstride, const float *panels, size_t np, size_t d, float *out, size_t ldo);
  /// Raw dot products of signed query bytes and unsigned codes (the offset is not subtracted). padded: multiple of 4.
  void (*_Nonnull dot_u8_panels)(const int8_t *q, size_t nq, size_t qstride, const uint8_t *panels, size_t np, size_t padded, int32_t *out, size_t ldo);
  /// The same for 4-bit panels. padded: multiple of 8.
  void (*_Nonnull dot_u4_panels)(const int8_t *q, size_t nq, size_t qstride, const uint8_t *panels, size_t np, size_t padded, int32_t *out, size_t ldo);

  /// Product quantisation with 4-bit codes, 32 rows a block: m sub-quantisers (even). Block layout: [m/2][32 bytes], byte r
  /// of pair p holds the code of row r for sub-quantiser 2p in the low and 2p+1 in the high nibble. luts: [m][16] bytes.
  /// out[32*b + r] = sum over m of luts[m][code], saturating at 65535.
  void (*_Nonnull pq4_scan)(const uint8_t *luts, size_t m, const uint8_t *blocks, size_t nblocks, uint16_t *out);

  // Selection: append base+i (and the score) for every i < n with scores[i] < bound; returns how many. out_* hold n.
  size_t (*_Nonnull select_below)(const float *scores, size_t n, float bound, int32_t base, int32_t *out_ids, float *out_scores);

  /// Inserts the pairs (scores[i], ids[i]) into a sorted pool of `capacity` keys, whose worst fall out. A key is the score's
  /// bits, arranged so that unsigned comparison is float comparison, over 32 bits of id << 1 | flag; new ones have flag 0.
  /// keys is 64-byte aligned, places not in use hold all ones up to a multiple of 8, and the 8 places before it hold 0.
  /// Returns the lowest place at which a key was inserted, or capacity.
  size_t (*_Nonnull pool_insert)(uint64_t *keys, size_t capacity, const float *scores, const int32_t *ids, size_t n);

  /// Rounds n floats to float16 (nearest, ties to even; too large becomes infinity).
  void (*_Nonnull f16_from_f32)(const float *in, size_t n, uint16_t *out);
} ck_kernels;

/// The best implementation this CPU can run, or the one that the environment variable RAGMETER_KERNELS names
/// (avx512, avx2, neon, scalar). A name this CPU cannot run is ignored; see ck_kernels_named.
const ck_kernels *ck_kernels_active(void);

/// The implementation of that name, or NULL if it is unknown or this CPU cannot run it.
const ck_kernels *_Nullable ck_kernels_named(const char *name);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
