// Linear layers of a decoder whose weights stay as few bits as their file has, in a table of their own, chosen once at run
// time. One template makes AVX-512, AVX2 and NEON; the scalar twin is what tests hold the others against.
//
// Weights lie in tiles of 32 output rows, tile after tile as the product reads them. What a tile holds of 32 inputs (of one
// input where weights are floating-point) is one cell:
//
//   U4    512 bytes of nibbles: for j in 0..<4, row in 0..<32, e in 0..<4, a byte whose low nibble is the weight of input
//         4j + e and whose high nibble that of 16 + 4j + e; then 32 scales and 32 minima as float16.
//         weight = scale * nibble + minimum
//   U5    512 bytes of nibbles; 128 bytes, of which bit i of byte [row][e] is the fifth bit of input 4i + e; scales; minima
//   S4    512 bytes of nibbles; 32 scales. weight = scale * (nibble - 8)
//   S5    512 bytes of nibbles; 128 bytes of fifth bits; 32 scales. weight = scale * (five bits - 16)
//   S6    512 bytes of nibbles; twice 128 bytes, of which bits 2i and 2i + 1 of byte [row][e] are the upper bits of input
//         4i + e, and of 16 + 4i + e; 32 scales of the first 16 inputs and 32 of the others.
//         weight = scale * (six bits - 32)
//   S8    for j in 0..<8, row, e: a byte of input 4j + e; 32 scales. weight = scale * (byte - 128)
//   F16, BF16, F32   32 weights of one input
//
// Rows of the last tile that the matrix does not have are zero.
#ifndef CDECODER_H
#define CDECODER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#pragma clang assume_nonnull begin

/// Rows of a tile, and inputs that share a scale.
#define CK_TILE_ROWS 32
#define CK_BLOCK_INPUTS 32

typedef enum { CK_U4, CK_U5, CK_S4, CK_S5, CK_S6, CK_S8, CK_F16, CK_BF16, CK_F32 } ck_cell_format;

/// Blocks of ggml (https://github.com/ggml-org/ggml, ggml-common.h), which tiles are made of.
typedef enum {
  CK_GGML_F32,
  CK_GGML_F16,
  CK_GGML_BF16,
  CK_GGML_Q4_0,
  CK_GGML_Q4_1,
  CK_GGML_Q5_0,
  CK_GGML_Q5_1,
  CK_GGML_Q8_0,
  CK_GGML_Q4_K,
  CK_GGML_Q5_K,
  CK_GGML_Q6_K,
} ck_ggml_type;

/// 32 inputs of one token as bytes: x = scale * value.
typedef struct {
  int8_t values[CK_BLOCK_INPUTS];
  float scale;
  float sum;             ///< scale * the sum of the values
  int32_t byte_offset;   ///< -128 * the sum of the values: what S8's bias adds, and a multiple of what others add
  int32_t first_offset;  ///< -32 * the sum of the first 16 values: what S6's bias adds to them
} ck_input_block;

/// Rows of a matrix that lie in one file's tensor.
typedef struct {
  ck_cell_format format;
  size_t rows;
  size_t first_row;             ///< where its outputs begin
  size_t first_tile;            ///< of the matrix
  const void *tiles;            ///< on a 64-byte boundary
  size_t tile_stride;           ///< bytes
  const float *_Nullable bias;  ///< rows
} ck_matrix_part;

/// A matrix of rows one part behind the other; or, where `paired`, of two parts of equal size, of which tile i of the matrix is
/// tile i of both: the gate and the up projection of a feed-forward layer.
typedef struct {
  size_t columns;
  size_t tiles;
  int paired;
  size_t part_count;
  const ck_matrix_part *parts;
} ck_matrix;

typedef enum {
  CK_STORE,          ///< out = x, float rows
  CK_ADD,            ///< out += x, float rows: the residual stream
  CK_SWIGLU_FLOATS,  ///< of a paired matrix: out = silu(gate) * up, float rows
  CK_SWIGLU_BLOCKS,  ///< the same as ck_input_block: what the down projection reads
} ck_linear_output;

/// out[token][row] = x = matrix[row] . in[token] + bias[row], for the rows of a range of tiles: threads take ranges of their
/// own. `in` is ck_input_block where weights are quantised, float where they are floating-point.
typedef struct {
  const ck_matrix *matrix;
  size_t first_tile, end_tile;
  size_t tokens;
  const void *in;
  size_t in_stride;            ///< bytes
  void *out;
  size_t out_stride;           ///< bytes
  const void *_Nullable next;  ///< weights that this thread reads next, which are fetched towards the end of the range
} ck_linear;

/// One implementation of everything.
typedef struct {
  const char *name;  ///< "avx512", "avx2vnni", "avx2", "neon", "scalar"

  void (*_Nonnull multiply)(const ck_linear *l, ck_linear_output output);
  /// Rounds `columns` floats, a multiple of 32, to bytes by block: scale = the largest magnitude / 127. The same to the last bit
  /// in every implementation.
  void (*_Nonnull quantize_row)(const float *row, size_t columns, ck_input_block *out);
} ck_decoder_kernels;

/// What the tiles of a type are made of.
ck_cell_format ck_cell_format_of(ck_ggml_type type);

/// Values of one block of a type, and its bytes.
size_t ck_ggml_block_values(ck_ggml_type type);
size_t ck_ggml_block_bytes(ck_ggml_type type);

/// Bytes of one tile of so many columns, a multiple of 32 unless the weights are floating-point.
size_t ck_tile_bytes(ck_cell_format format, size_t columns);

/// Packs row-major blocks into tiles, every one `tile_stride` bytes behind the one before; row i of the tiles is row order[i] of
/// the blocks, or i where there is no order. Scales that ggml has as products of two numbers are rounded to float16: an error
/// of 2^-11 of the scale at most. The tiles were zero.
void ck_pack_tiles(ck_ggml_type type, const void *blocks, size_t rows, size_t columns, const uint32_t *_Nullable order,
                   void *tiles, size_t tile_stride);

/// One row of a matrix that is not paired, as floats: an embedding that is kept as the output projection only.
void ck_matrix_row(const ck_matrix *matrix, size_t row, float *out);

/// The best implementation this CPU can run, or the best of those whose name begins with RAGMETER_KERNELS.
const ck_decoder_kernels *ck_decoder_kernels_active(void);

/// The implementation of that name, or NULL if it is unknown or this CPU cannot run it.
const ck_decoder_kernels *_Nullable ck_decoder_kernels_named(const char *name);

#pragma clang assume_nonnull end

#ifdef __cplusplus
}
#endif
#endif
