#define _GNU_SOURCE
#include "CMemory.h"

#include <sys/mman.h>

void *ck_remap(void *region, size_t old_bytes, size_t new_bytes) {
  return mremap(region, old_bytes, new_bytes, MREMAP_MAYMOVE);
}
