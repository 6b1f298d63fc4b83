#if defined(__aarch64__)
#include "kernels.h"
#include "neon_table.h"

const ck_kernels ck_kernels_neon = {
    .name = "neon",
    .l2_f32 = ck_neon_l2_f32,
    .ip_f32 = ck_neon_ip_f32,
    .cosine_f32 = ck_neon_cosine_f32,
    .l2_i8 = ck_neon_l2_i8,
    .ip_i8 = ck_neon_ip_i8,
    .l2_u8 = ck_neon_l2_u8,
    .ip_u8 = ck_neon_ip_u8,
    .cosine_i8 = ck_neon_cosine_i8,
    .cosine_u8 = ck_neon_cosine_u8,
    .l2_f32_gather = ck_neon_l2_f32_gather,
    .ip_f32_gather = ck_neon_ip_f32_gather,
    .l2_f16_gather = ck_neon_l2_f16_gather,
    .ip_f16_gather = ck_neon_ip_f16_gather,
    .score_u8_gather = ck_neon_score_u8_gather,
    .score_u4_gather = ck_neon_score_u4_gather,
    .l2_f32_rows = ck_neon_l2_f32_rows,
    .ip_f32_rows = ck_neon_ip_f32_rows,
    .ip_f32_panels = ck_neon_ip_f32_panels,
    .dot_u8_panels = ck_neon_dot_u8_panels,
    .dot_u4_panels = ck_neon_dot_u4_panels,
    .pq4_scan = ck_neon_pq4_scan,
    .select_below = ck_neon_select_below,
    .pool_insert = ck_pool_insert,
    .f16_from_f32 = ck_neon_f16_from_f32,
};
#endif
