// What a decoder does between its linear layers, attention over keys and values that lie in blocks (Kwon et al. 2023, arXiv
// 2309.06180) above all, in a table of its own, chosen once at run time. One template makes AVX-512 (with and without BF16), AVX2 and NEON; the scalar twin is what tests hold the
// others against.
//
// A row of results has the same bits however its context is cut into calls: tokens are taken in spans of 64 that begin at
// multiples of 64, a softmax runs through the spans of a part of 256, and the parts of a row are merged in their order.
// So a sequence gives the same text alone and in a batch, computed at once or in pieces, with leading blocks shared or not.
#ifndef CPAGED_H
#define CPAGED_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Tokens whose scores are computed at once: every call but a row's last covers whole spans.
#define CK_PAGED_SPAN 64
/// Tokens of a part, which has a softmax of its own.
#define CK_PAGED_PART 256
/// The widest head.
#define CK_PAGED_WIDEST 256

/// Keys and values of one layer and one head, in bf16, of every block.
///
/// A block holds its tokens in units of 16 (or of 8, where that is the size of a block). A unit is its keys as
/// [width/2][unit][2], pairs of dimensions outside, then its values as [unit/2][width][2], pairs of tokens outside.
typedef struct {
  char *units;         ///< of block 0
  size_t block_bytes;  ///< from block to block
  size_t block_size;   ///< tokens: 8, or a multiple of 16
  size_t width;        ///< of a head: a multiple of 16, at most CK_PAGED_WIDEST
} ck_paged_heads;

/// A state is what a softmax has come to in one row: the weighted sum of the values [width], the highest score, the sum of the
/// weights; ck_paged_state floats.
///
/// Attention of rows that stand one behind the other over tokens [first, last) of one block table. Row i sees tokens up to
/// `position + i / group`, and no token from `last` on. Scores are powers of two: the caller has scaled the queries by
/// log2(e) / sqrt(width).
typedef struct ck_paged_attention {
  ck_paged_heads heads;
  const int32_t *table;
  size_t first;            ///< a multiple of CK_PAGED_SPAN
  size_t last;             ///< a multiple of CK_PAGED_SPAN, unless it is the end of what rows see
  const uint16_t *queries; ///< [rows][width], bf16
  size_t rows;
  size_t position;
  size_t group;            ///< query heads of the head
  float *states;           ///< [rows], of the part that is under way
  float *_Nullable totals; ///< [rows], of the parts before it; NULL where first and last lie in one part
  /// The call that this thread makes next, whose first keys and values are fetched while the last of this one are used.
  const struct ck_paged_attention *_Nullable next;
} ck_paged_attention;

/// How a row of float32 [queries][keys][values] of all heads goes into queries and cache: pairs of dimensions are turned,
/// queries scaled.
typedef struct {
  const float *rows;      ///< [count][stride]
  size_t stride;          ///< floats
  size_t count;
  size_t heads;           ///< of keys and values
  size_t group;           ///< query heads of one of them
  size_t width;
  int halves;             ///< whether dimensions i and i + width/2 are a pair, not 2i and 2i + 1
  float scale;            ///< of queries
  const float *cosines;   ///< [count][width/2]
  const float *sines;     ///< [count][width/2]
  uint16_t *queries;      ///< [heads][query_rows][width]: the rows of a head stand one behind the other
  size_t query_rows;      ///< rows of one head
  char *cache;            ///< head 0 of the layer in block 0
  size_t head_bytes;      ///< from head to head within a block
  const size_t *units;    ///< [count]: bytes from `cache` to the unit in which the row's token lies
  const uint8_t *places;  ///< [count]: the token's place in the unit
  size_t unit;            ///< tokens of a unit
} ck_paged_store;

/// One implementation of everything.
typedef struct {
  const char *name;  ///< "avx512bf16", "avx512", "avx2", "neon", "scalar"

  /// Forgets what states hold.
  void (*_Nonnull clear)(float *states, size_t rows, size_t width);
  /// Carries the softmax of every row on over the tokens of a call.
  void (*_Nonnull attend)(const ck_paged_attention *a);
  /// totals = softmax over what both have seen.
  void (*_Nonnull merge)(float *totals, const float *states, size_t rows, size_t width);
  /// out[i] = the weighted mean of the values, [width] floats; row i of states to row i / group, column i % group of out.
  void (*_Nonnull finish)(const float *states, size_t rows, size_t width, size_t group, float *out,
                          size_t out_stride);
  /// Queries, keys and values of rows. Two tokens that share a pair of a unit are not stored by two threads at a time.
  void (*_Nonnull store)(const ck_paged_store *s);
  /// out = row / sqrt(mean of squares + epsilon) * weight, for rows whose width is a multiple of 32.
  void (*_Nonnull rms_norm)(const float *row, const float *weight, size_t width, float epsilon, float *out);
} ck_paged_kernels;

/// Floats of a state.
static inline size_t ck_paged_state(size_t width) { return width + 16; }

/// Bytes of a unit's keys and values for one head.
static inline size_t ck_paged_unit_bytes(size_t unit, size_t width) { return 4 * unit * width; }

/// The best implementation this CPU can run, or the best of those whose name begins with RAGMETER_KERNELS.
const ck_paged_kernels *ck_paged_kernels_active(void);

/// The implementation of that name, or NULL if it is unknown or this CPU cannot run it.
const ck_paged_kernels *_Nullable ck_paged_kernels_named(const char *name);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
