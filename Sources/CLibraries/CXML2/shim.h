#include <libxml/HTMLparser.h>

// xmlFree is a variable, which Swift takes for shared mutable state.
static inline void ragmeter_xml_free(void *memory) { xmlFree(memory); }
