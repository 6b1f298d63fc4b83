// Which of several implementations runs: a template. The includer defines CK_TABLE, the type of the table, and `fill`, which
// lists what this CPU can run, the best first.
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define CK_MOST 5
#define CK_JOINED_(a, b) a##b
#define CK_JOINED(a, b) CK_JOINED_(a, b)

static const CK_TABLE *candidates[CK_MOST];
static const CK_TABLE *active;
static pthread_once_t once = PTHREAD_ONCE_INIT;

/// RAGMETER_KERNELS may name an instruction set by how its name begins.
static void choose(void) {
  int n = fill(candidates);
  const char *wanted = getenv("RAGMETER_KERNELS");
  active = candidates[0];
  for (int i = n - 1; wanted && *wanted && i >= 0; i--)
    if (strncmp(candidates[i]->name, wanted, strlen(wanted)) == 0) active = candidates[i];
}

const CK_TABLE *CK_JOINED(CK_TABLE, _active)(void) {
  pthread_once(&once, choose);
  return active;
}

const CK_TABLE *CK_JOINED(CK_TABLE, _named)(const char *name) {
  pthread_once(&once, choose);
  for (int i = 0; i < CK_MOST && candidates[i]; i++)
    if (strcmp(candidates[i]->name, name) == 0) return candidates[i];
  return NULL;
}
