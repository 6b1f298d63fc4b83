// The encoder's kernels as plain loops over the definitions, which the others are tested against.
#include "encoder.h"

enum type { F32, BF16 };

CK_INLINE float element(enum type type, const void *row, size_t j) {
  return type == F32 ? ((const float *)row)[j] : ck_from_bf16(((const uint16_t *)row)[j]);
}

CK_INLINE void store(enum type type, void *row, size_t j, float x) {
  if (type == F32)
    ((float *)row)[j] = x;
  else
    ((uint16_t *)row)[j] = ck_round_bf16(x);
}

static const char *row_of(const void *rows, size_t stride, size_t i) { return (const char *)rows + i * stride; }

CK_INLINE void finish(enum type type, const ck_product *p, ck_epilogue epilogue, size_t i, size_t j, float x) {
  char *out = (char *)p->out + i * p->out_stride;
  x += p->bias[j];
  if (epilogue == CK_BIAS_GELU) x = 0.5f * x * (1 + erff(x * 0.70710678f));
  if (epilogue == CK_BIAS_ADD)
    ((float *)out)[j] += x;
  else
    store(type, out, j, x);
}

CK_INLINE void product(enum type type, const ck_product *p, ck_epilogue epilogue) {
  size_t q = type == F32 ? 1 : 2;
  for (size_t i = 0; i < p->m; i++)
    for (size_t j = 0; j < p->n; j++) {
      float sum = 0;
      for (size_t k = 0; k < p->k; k++) {
        size_t cell = ((j / 32) * (p->k / q) + k / q) * 32 + j % 32;
        sum += element(type, row_of(p->rows, p->row_stride, i), k) * element(type, p->panels, cell * q + k % q);
      }
      finish(type, p, epilogue, i, j, sum);
    }
}

static void product_f32(const ck_product *p, ck_epilogue epilogue) { product(F32, p, epilogue); }
static void product_bf16(const ck_product *p, ck_epilogue epilogue) { product(BF16, p, epilogue); }

static void product_i8(const ck_product *p, const ck_byte_scales *s, ck_epilogue epilogue) {
  size_t group = p->k / s->groups;
  for (size_t i = 0; i < p->m; i++)
    for (size_t j = 0; j < p->n; j++) {
      const uint8_t *row = (const uint8_t *)row_of(p->rows, p->row_stride, i);
      float x = 0;
      for (size_t g = 0; g < s->groups; g++) {
        int32_t dot = 0;
        for (size_t k = g * group; k < (g + 1) * group; k++) {
          size_t cell = ((j / 32) * (p->k / 4) + k / 4) * 32 + j % 32;
          dot += row[k] * ((const int8_t *)p->panels)[cell * 4 + k % 4];
        }
        x += s->row_scales[i * s->groups + g] *
             (s->column_scales[g * p->n + j] * (float)dot -
              s->row_zeros[i * s->groups + g] * s->column_sums[g * p->n + j]);
      }
      finish(BF16, p, epilogue, i, j, x);
    }
}

CK_INLINE void attend(enum type type, const ck_attention *a) {
  float *scores = a->scratch;
  for (size_t i = 0; i < a->length; i++) {
    float most = -INFINITY, sum = 0;
    for (size_t t = 0; t < a->length; t++) {
      scores[t] = 0;
      for (size_t j = 0; j < a->width; j++)
        scores[t] += element(type, row_of(a->q, a->stride, i), j) * element(type, row_of(a->k, a->stride, t), j);
      most = fmaxf(most, scores[t]);
    }
    for (size_t t = 0; t < a->length; t++) sum += scores[t] = exp2f(scores[t] - most);
    for (size_t j = 0; j < a->width; j++) {
      float x = 0;
      for (size_t t = 0; t < a->length; t++) x += scores[t] * element(type, row_of(a->v, a->stride, t), j);
      store(type, (char *)a->out + i * a->out_stride, j, x / sum);
    }
  }
}

static void attention_f32(const ck_attention *a) { attend(F32, a); }
static void attention_bf16(const ck_attention *a) { attend(BF16, a); }

CK_INLINE void layer_norm(enum type type, const ck_layer_norm *l) {
  for (size_t i = 0; i < l->m; i++) {
    float *row = (float *)((char *)l->rows + i * l->row_stride);
    float mean = 0, variance = 0;
    for (size_t j = 0; j < l->d; j++) mean += row[j];
    mean /= (float)l->d;
    for (size_t j = 0; j < l->d; j++) variance += (row[j] - mean) * (row[j] - mean);
    float scale = 1 / sqrtf(variance / (float)l->d + l->epsilon);
    for (size_t j = 0; j < ck_padded(l->d); j++) {
      row[j] = (row[j] - mean) * scale * l->weight[j] + l->bias[j];
      if (l->out) store(type, (char *)l->out + i * l->out_stride, j, row[j]);
    }
  }
}

static void layer_norm_f32(const ck_layer_norm *l) { layer_norm(F32, l); }
static void layer_norm_bf16(const ck_layer_norm *l) { layer_norm(BF16, l); }

static void store_bytes(uint8_t *out, const float *x, size_t n, float *scale, float *zero) {
  float low = INFINITY, high = -INFINITY;
  for (size_t j = 0; j < n; j++) {
    low = fminf(low, x[j]);
    high = fmaxf(high, x[j]);
  }
  ck_byte_range range = ck_byte_range_of(low, high);
  *scale = range.scale;
  *zero = range.zero;
  for (size_t j = 0; j < n; j++) out[j] = (uint8_t)(int)(rintf(x[j] * range.inverse) + range.zero);
}

static void layer_norm_i8(const ck_layer_norm *l, const ck_byte_affine *bytes) {
  size_t padded = ck_padded(l->d);
  float copy[padded];
  for (size_t i = 0; i < l->m; i++) {
    float *row = (float *)((char *)l->rows + i * l->row_stride);
    memcpy(copy, row, sizeof copy);
    ck_layer_norm one = *l, other = *l;
    one.m = other.m = 1;
    one.rows = row;
    other.rows = copy;
    one.out = other.out = NULL;
    other.weight = bytes->weight;
    other.bias = bytes->bias;
    layer_norm(F32, &one);
    layer_norm(F32, &other);
    store_bytes((uint8_t *)l->out + i * l->out_stride, copy, padded, &bytes->scales[i], &bytes->zeros[i]);
  }
}

static void quantize_bf16(const ck_byte_rows *b) {
  size_t group = b->d / b->groups;
  float part[group];
  for (size_t i = 0; i < b->m; i++)
    for (size_t g = 0; g < b->groups; g++) {
      for (size_t j = 0; j < group; j++) part[j] = element(BF16, row_of(b->rows, b->row_stride, i), g * group + j);
      store_bytes(b->out + i * b->out_stride + g * group, part, group, &b->scales[i * b->groups + g],
                  &b->zeros[i * b->groups + g]);
    }
}

static void embed_tokens(const float *words, const int32_t *ids, const float *positions, size_t width, size_t m,
                         float *out, size_t out_stride) {
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < width; j++)
      ((float *)((char *)out + i * out_stride))[j] = words[(size_t)ids[i] * width + j] + positions[i * width + j];
}

static void sum_rows(const float *rows, size_t row_stride, size_t m, size_t width, float *out) {
  for (size_t j = 0; j < width; j++) out[j] = 0;
  for (size_t i = 0; i < m; i++)
    for (size_t j = 0; j < width; j++) out[j] += ((const float *)row_of(rows, row_stride, i))[j];
}

const ck_encoder_kernels ck_encoder_scalar = {
    .name = "scalar",
    .product_f32 = product_f32,
    .product_bf16 = product_bf16,
    .product_i8 = product_i8,
    .attention_f32 = attention_f32,
    .attention_bf16 = attention_bf16,
    .layer_norm_f32 = layer_norm_f32,
    .layer_norm_bf16 = layer_norm_bf16,
    .layer_norm_i8 = layer_norm_i8,
    .quantize_bf16 = quantize_bf16,
    .embed_tokens = embed_tokens,
    .sum_rows = sum_rows,
};
