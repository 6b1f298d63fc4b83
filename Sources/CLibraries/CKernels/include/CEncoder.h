// Kernels of a transformer encoder, in a table of their own, chosen once at run time. One template makes AVX-512 (with and
// without BF16), AVX2 and NEON; the scalar twin is what tests hold the others against.
//
// Matrices are row-major; their strides are in bytes, and every width is a multiple of 32 elements in memory: columns that
// the model does not have are zero in weights, biases and affines, and so they stay zero in activations.
#ifndef CENCODER_H
#define CENCODER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Columns of a panel of weights.
#define CK_PANEL_COLUMNS 32

/// What a product does with its sums before it stores them.
typedef enum {
  CK_BIAS,       ///< out = x + bias
  CK_BIAS_GELU,  ///< out = gelu(x + bias)
  CK_BIAS_ADD,   ///< out += x + bias, in float32 whatever the type: the residual stream
} ck_epilogue;

/// out[m][n] = epilogue(rows[m][k] . weights[n][k]).
///
/// A "cell" is 4 bytes along k: one float, two bf16 or four bytes; q is the number of elements in it. Rows are plain
/// row-major elements of the product's type, never packed: a kernel broadcasts one cell at a time. Weights are panels of 32
/// output columns, [n/32][k/q][32 columns][one cell]; ck_pack_panels makes them of row-major [n][k] weights of any type.
typedef struct {
  size_t m;            ///< rows: tokens
  size_t n;            ///< columns, a multiple of 32
  size_t k;            ///< elements summed, a multiple of 4
  const void *rows;
  size_t row_stride;   ///< bytes
  const void *panels;
  const float *bias;   ///< n
  void *out;
  size_t out_stride;   ///< bytes
} ck_product;

/// How the bytes of an int8 product stand for numbers. k is cut into `groups` of equal size (a multiple of 4 each), every one
/// with scales of its own:
///   x[i][j] = sum over g of row_scales[i][g] * (column_scales[g][j] * dot(u8, s8) - row_zeros[i][g] * column_sums[g][j]).
/// Rows are unsigned bytes u, standing for row_scale * (u - row_zero); weights are signed bytes w, standing for
/// column_scale * w; column_sums[g][j] is column_scales[g][j] * the sum of w over group g.
typedef struct {
  size_t groups;
  const float *row_scales;     ///< [m][groups]
  const float *row_zeros;      ///< [m][groups]
  const float *column_scales;  ///< [groups][n]
  const float *column_sums;    ///< [groups][n]
} ck_byte_scales;

/// Softmax attention of one head over one text: out = softmax2(q . k) . v, where softmax2 takes powers of two. The caller has
/// scaled q by log2(e) / sqrt(head width).
typedef struct {
  size_t length;     ///< tokens
  size_t width;      ///< of the head in memory, a multiple of 32
  const void *q;
  const void *k;
  const void *v;
  size_t stride;     ///< bytes from token to token in q, k and v
  void *out;
  size_t out_stride;
  void *scratch;     ///< ck_attention_scratch bytes on a 64-byte boundary
} ck_attention;

/// Layer normalisation of float32 rows in place, and a copy in the type that the next product reads.
typedef struct {
  size_t m;
  size_t d;             ///< columns that count; those up to the next multiple of 32 hold zero and keep it
  float epsilon;
  const float *weight;  ///< padded with zeros to a multiple of 32
  const float *bias;    ///< the same
  float *rows;
  size_t row_stride;
  void *_Nullable out;  ///< NULL where no copy is wanted
  size_t out_stride;
} ck_layer_norm;

/// Rows of bf16 as unsigned bytes u, which stand for scale * (u - zero). Each of the `groups` equal parts of a row has a scale
/// and a zero of its own, from its lowest and highest value.
typedef struct {
  size_t m;
  size_t d;            ///< columns; d / groups is a multiple of 32
  size_t groups;
  const void *rows;
  size_t row_stride;   ///< bytes
  uint8_t *out;
  size_t out_stride;   ///< bytes
  float *scales;       ///< [m][groups]
  float *zeros;        ///< [m][groups]
} ck_byte_rows;

/// The affine of the bytes that a layer normalisation writes: that of the next product's weights, which need not be the
/// model's.
typedef struct {
  const float *weight;  ///< padded with zeros to a multiple of 32
  const float *bias;    ///< the same
  float *scales;        ///< [m]
  float *zeros;         ///< [m]
} ck_byte_affine;

/// One implementation of everything.
typedef struct {
  const char *name;  ///< "avx512bf16", "avx512", "avx2", "neon", "scalar"

  void (*_Nonnull product_f32)(const ck_product *p, ck_epilogue epilogue);
  /// bf16 rows and weights, float32 sums; out is bf16, or float32 for CK_BIAS_ADD.
  void (*_Nonnull product_bf16)(const ck_product *p, ck_epilogue epilogue);
  /// Unsigned bytes by signed bytes, exact in int32 within a group; out is bf16, or float32 for CK_BIAS_ADD.
  void (*_Nonnull product_i8)(const ck_product *p, const ck_byte_scales *scales, ck_epilogue epilogue);

  void (*_Nonnull attention_f32)(const ck_attention *a);
  void (*_Nonnull attention_bf16)(const ck_attention *a);

  void (*_Nonnull layer_norm_f32)(const ck_layer_norm *l);
  void (*_Nonnull layer_norm_bf16)(const ck_layer_norm *l);

  /// The copy is bytes of another affine of the normalised rows.
  void (*_Nonnull layer_norm_i8)(const ck_layer_norm *l, const ck_byte_affine *bytes);
  void (*_Nonnull quantize_bf16)(const ck_byte_rows *b);

  /// out[i] = words[ids[i]] + positions[i]; rows of words and positions are `width` floats.
  void (*_Nonnull embed_tokens)(const float *words, const int32_t *ids, const float *positions, size_t width, size_t m,
                                float *out, size_t out_stride);
  /// out[j] = sum over i < m of rows[i][j].
  void (*_Nonnull sum_rows)(const float *rows, size_t row_stride, size_t m, size_t width, float *out);
} ck_encoder_kernels;

/// Scratch of attention over texts of at most `length` tokens.
size_t ck_attention_scratch(size_t length, size_t width);

/// Packs row-major weights [n][cells] into panels; rows up to the next multiple of 32 become zero.
void ck_pack_panels(const uint32_t *weights, size_t n, size_t cells, uint32_t *panels);

/// Rounds n floats to bf16 (nearest, ties to even).
void ck_bf16_from_f32(const float *in, size_t n, uint16_t *out);

/// The best implementation this CPU can run, or the best of those whose name begins with RAGMETER_KERNELS.
const ck_encoder_kernels *ck_encoder_kernels_active(void);

/// The implementation of that name, or NULL if it is unknown or this CPU cannot run it.
const ck_encoder_kernels *_Nullable ck_encoder_kernels_named(const char *name);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
