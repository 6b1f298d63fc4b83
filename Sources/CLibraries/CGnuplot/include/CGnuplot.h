#ifndef CGNUPLOT_H
#define CGNUPLOT_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

// A running gnuplot process, fed through gnuplot-iostream. No C++ exception crosses this door, and a process that went
// away is an error, never a SIGPIPE.
typedef struct gnuplot_session gnuplot_session;

// Starts `program`, looked up on PATH. NULL on failure, with the reason in `message`.
gnuplot_session *gnuplot_open(const char *program, char *message, size_t capacity);

// Sends one line or several. 0, or -1 once the process has stopped reading; gnuplot_close then tells why.
int gnuplot_command(gnuplot_session *session, const char *text);

// Sends `columns` arrays of `rows` values, one array after the other in `values`, as the data block `$name`.
// Values that are not finite arrive as missing. 0, or -1 as above.
int gnuplot_data(gnuplot_session *session, const char *name, const double *values, size_t columns, size_t rows);

// Ends the input, waits for the process and frees the session. 0, or -1 with gnuplot's own words in `message`.
int gnuplot_close(gnuplot_session *session, char *message, size_t capacity);

#ifdef __cplusplus
}
#endif

#endif
