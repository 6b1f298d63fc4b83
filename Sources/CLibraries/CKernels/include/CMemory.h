// The one call of the memory system that Swift cannot make, because it is variadic.
#ifndef CMEMORY_H
#define CMEMORY_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Grows an anonymous mapping, moving it if it must; MAP_FAILED with errno set when it cannot.
void *ck_remap(void *region, size_t old_bytes, size_t new_bytes);

#ifdef __cplusplus
}
#endif
#endif
