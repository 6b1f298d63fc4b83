// A beam search's pool of candidates, one key at a time.
#include "kernels.h"

size_t ck_pool_insert(uint64_t *keys, size_t capacity, const float *scores, const int32_t *ids, size_t n) {
  size_t lowest = capacity;
  for (size_t i = 0; i < n; i++) {
    uint64_t key = ck_pool_key(scores[i], ids[i]);
    if (key >= keys[capacity - 1]) continue;
    size_t place = 0, length = capacity;
    while (length > 0) {
      size_t half = length / 2;
      if (keys[place + half] < key) {
        place += half + 1;
        length -= half + 1;
      } else {
        length = half;
      }
    }
    memmove(keys + place + 1, keys + place, (capacity - 1 - place) * sizeof *keys);
    keys[place] = key;
    if (place < lowest) lowest = place;
  }
  return lowest;
}
