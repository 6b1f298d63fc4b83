// Paged attention as plain loops over the definitions, which the others are tested against.
#include "paged.h"

static float pair_dot(const uint16_t *a, const uint16_t *b) {
  return ck_from_bf16(a[0]) * ck_from_bf16(b[0]) + ck_from_bf16(a[1]) * ck_from_bf16(b[1]);
}

static void clear(float *states, size_t rows, size_t width) {
  for (size_t i = 0; i < rows; i++) {
    float *state = states + i * ck_paged_state(width);
    memset(state, 0, ck_paged_state(width) * sizeof *state);
    state[width] = CK_PAGED_LOWEST;
  }
}

static void merge(float *totals, const float *states, size_t rows, size_t width) {
  for (size_t i = 0; i < rows; i++) {
    float *total = totals + i * ck_paged_state(width);
    const float *state = states + i * ck_paged_state(width);
    float top = fmaxf(total[width], state[width]);
    float before = exp2f(total[width] - top), now = exp2f(state[width] - top);
    for (size_t j = 0; j < width; j++) total[j] = total[j] * before + state[j] * now;
    total[width] = top;
    total[width + 1] = total[width + 1] * before + state[width + 1] * now;
  }
}

static void attend(const ck_paged_attention *a) {
  const ck_paged_heads *h = &a->heads;
  size_t unit = h->block_size < CK_PAGED_UNIT ? h->block_size : CK_PAGED_UNIT, width = h->width;
  for (size_t i = 0; i < a->rows; i++) {
    float *state = a->states + i * ck_paged_state(width);
    const uint16_t *query = a->queries + i * width;
    size_t limit = ck_paged_limit(a, i);
    for (size_t token = a->first; token < limit; token++) {
      if (a->totals && token > 0 && token % CK_PAGED_PART == 0) {
        merge(a->totals + i * ck_paged_state(width), state, 1, width);
        clear(state, 1, width);
      }
      const uint16_t *keys = (const uint16_t *)ck_paged_unit_of(h, a->table, token);
      const uint16_t *values = keys + unit * width;
      size_t place = token % unit;
      float score = 0;
      for (size_t p = 0; p < width / 2; p++) score += pair_dot(query + 2 * p, keys + 2 * (p * unit + place));
      float top = fmaxf(state[width], score);
      float before = exp2f(state[width] - top), weight = exp2f(score - top);
      for (size_t j = 0; j < width; j++)
        state[j] = state[j] * before + weight * ck_from_bf16(values[2 * (place / 2 * width + j) + place % 2]);
      state[width] = top;
      state[width + 1] = state[width + 1] * before + weight;
    }
  }
}

static void finish(const float *states, size_t rows, size_t width, size_t group, float *out, size_t out_stride) {
  for (size_t i = 0; i < rows; i++) {
    const float *state = states + i * ck_paged_state(width);
    for (size_t j = 0; j < width; j++)
      out[i / group * out_stride + i % group * width + j] = state[j] / state[width + 1];
  }
}

/// One dimension of a head, turned together with the other of its pair.
static float turned(const ck_paged_store *s, size_t row, size_t column, size_t pair, int second) {
  size_t half = s->width / 2;
  size_t first_column = column + (s->halves ? pair : 2 * pair), second_column = first_column + (s->halves ? half : 1);
  float x = s->rows[row * s->stride + first_column], y = s->rows[row * s->stride + second_column];
  float cosine = s->cosines[row * half + pair], sine = s->sines[row * half + pair];
  return second ? x * sine + y * cosine : x * cosine - y * sine;
}

static void store(const ck_paged_store *s) {
  size_t width = s->width, key_columns = s->group * s->heads * width, value_columns = key_columns + s->heads * width;
  for (size_t i = 0; i < s->count; i++)
    for (size_t h = 0; h < s->heads; h++) {
      for (size_t g = 0; g < s->group; g++)
        for (size_t j = 0; j < width; j++)
          s->queries[(h * s->query_rows + i * s->group + g) * width + j] =
              ck_round_bf16(turned(s, i, (h * s->group + g) * width, j / 2, j % 2) * s->scale);
      uint16_t *keys = (uint16_t *)(s->cache + s->units[i] + h * s->head_bytes), *values = keys + s->unit * width;
      size_t place = s->places[i];
      for (size_t j = 0; j < width; j++) {
        keys[2 * (j / 2 * s->unit + place) + j % 2] =
            ck_round_bf16(turned(s, i, key_columns + h * width, j / 2, j % 2));
        values[2 * (place / 2 * width + j) + place % 2] = ck_round_bf16(s->rows[i * s->stride + value_columns + h * width + j]);
      }
    }
}

static void rms_norm(const float *row, const float *weight, size_t width, float epsilon, float *out) {
  float sum = 0;
  for (size_t j = 0; j < width; j++) sum += row[j] * row[j];
  float scale = 1 / sqrtf(sum / (float)width + epsilon);
  for (size_t j = 0; j < width; j++) out[j] = row[j] * scale * weight[j];
}

const ck_paged_kernels ck_paged_scalar = {
    .name = "scalar",
    .clear = clear,
    .attend = attend,
    .merge = merge,
    .finish = finish,
    .store = store,
    .rms_norm = rms_norm,
};
