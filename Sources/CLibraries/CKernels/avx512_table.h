// What the AVX-512 files define for their table.
#ifndef CK_AVX512_TABLE_H
#define CK_AVX512_TABLE_H

#include "CKernels.h"

#define CK_AVX512_BEGIN                                                                                          \
  _Pragma(                                                                                                       \
      "clang attribute push(__attribute__((target(\"avx512f,avx512bw,avx512vl,avx512dq,avx512vnni,avx2,fma,f16c\"))), apply_to = function)")
#define CK_AVX512_END _Pragma("clang attribute pop")

float ck_avx512_l2_f32(const float *a, const float *b, size_t d);
float ck_avx512_ip_f32(const float *a, const float *b, size_t d);
float ck_avx512_cosine_f32(const float *a, const float *b, size_t d);
int32_t ck_avx512_l2_i8(const int8_t *a, const int8_t *b, size_t d);
int32_t ck_avx512_ip_i8(const int8_t *a, const int8_t *b, size_t d);
int32_t ck_avx512_l2_u8(const uint8_t *a, const uint8_t *b, size_t d);
int32_t ck_avx512_ip_u8(const uint8_t *a, const uint8_t *b, size_t d);
float ck_avx512_cosine_i8(const int8_t *a, const int8_t *b, size_t d);
float ck_avx512_cosine_u8(const uint8_t *a, const uint8_t *b, size_t d);
void ck_avx512_l2_f32_gather(const float *q, const float *base, size_t stride, size_t d, const int32_t *ids,
    size_t n, float *out);
void ck_avx512_ip_f32_gather(const float *q, const float *base, size_t stride, size_t d, const int32_t *ids,
    size_t n, float *out);
void ck_avx512_l2_f16_gather(const float *q, const uint16_t *base, size_t stride, size_t d, const int32_t *ids,
    size_t n, float *out);
void ck_avx512_ip_f16_gather(const float *q, const uint16_t *base, size_t stride, size_t d, const int32_t *ids,
    size_t n, float *out);
void ck_avx512_score_u8_gather(const ck_code_query *q, const ck_code_rows *rows, const int32_t *ids, size_t n,
    float *out);
void ck_avx512_score_u4_gather(const ck_code_query *q, const ck_code_rows *rows, const int32_t *ids, size_t n,
    float *out);
void ck_avx512_l2_f32_rows(const float *q, const float *rows, size_t stride, size_t d, size_t n, float *out);
void ck_avx512_ip_f32_rows(const float *q, const float *rows, size_t stride, size_t d, size_t n, float *out);
void ck_avx512_ip_f32_panels(const float *q, size_t nq, size_t qstride, const float *panels, size_t np, size_t d,
    float *out, size_t ldo);
void ck_avx512_dot_u8_panels(const int8_t *q, size_t nq, size_t qstride, const uint8_t *panels, size_t np,
    size_t padded, int32_t *out, size_t ldo);
void ck_avx512_dot_u4_panels(const int8_t *q, size_t nq, size_t qstride, const uint8_t *panels, size_t np,
    size_t padded, int32_t *out, size_t ldo);
void ck_avx512_pq4_scan(const uint8_t *luts, size_t m, const uint8_t *blocks, size_t nblocks, uint16_t *out);
size_t ck_avx512_select_below(const float *scores, size_t n, float bound, int32_t base, int32_t *out_ids,
    float *out_scores);
size_t ck_avx512_pool_insert(uint64_t *keys, size_t capacity, const float *scores, const int32_t *ids, size_t n);
void ck_avx512_f16_from_f32(const float *in, size_t n, uint16_t *out);

#endif
