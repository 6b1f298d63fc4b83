// What Swift cannot ask of memory by itself: a variadic call of the system, and a hint to the CPU.
#ifndef CMEMORY_H
#define CMEMORY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Grows an anonymous mapping, moving it if it must; MAP_FAILED with errno set when it cannot.
void *ck_remap(void *region, size_t old_bytes, size_t new_bytes);

/// Starts to fetch the cache line at `address`, which need not be valid.
static inline void ck_prefetch(const void *address) { __builtin_prefetch(address); }

#ifdef __cplusplus
}
#endif
#endif
