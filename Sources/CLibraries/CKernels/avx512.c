#if defined(__x86_64__)
#include "kernels.h"
#include "avx512_table.h"

const ck_kernels ck_kernels_avx512 = {
    .name = "avx512",
    .l2_f32 = ck_avx512_l2_f32,
    .ip_f32 = ck_avx512_ip_f32,
    .cosine_f32 = ck_avx512_cosine_f32,
    .l2_i8 = ck_avx512_l2_i8,
    .ip_i8 = ck_avx512_ip_i8,
    .l2_u8 = ck_avx512_l2_u8,
    .ip_u8 = ck_avx512_ip_u8,
    .cosine_i8 = ck_avx512_cosine_i8,
    .cosine_u8 = ck_avx512_cosine_u8,
    .l2_f32_gather = ck_avx512_l2_f32_gather,
    .ip_f32_gather = ck_avx512_ip_f32_gather,
    .l2_f16_gather = ck_avx512_l2_f16_gather,
    .ip_f16_gather = ck_avx512_ip_f16_gather,
    .score_u8_gather = ck_avx512_score_u8_gather,
    .score_u4_gather = ck_avx512_score_u4_gather,
    .l2_f32_rows = ck_avx512_l2_f32_rows,
    .ip_f32_rows = ck_avx512_ip_f32_rows,
    .ip_f32_panels = ck_avx512_ip_f32_panels,
    .dot_u8_panels = ck_avx512_dot_u8_panels,
    .dot_u4_panels = ck_avx512_dot_u4_panels,
    .pq4_scan = ck_avx512_pq4_scan,
    .select_below = ck_avx512_select_below,
    .pool_insert = ck_avx512_pool_insert,
    .f16_from_f32 = ck_avx512_f16_from_f32,
};
#endif
