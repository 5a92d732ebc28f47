/*
 * option_error.h - why what the user gave will not do, in words; the caller says where it
 * stood: an option, or a line of a file.
 */
#ifndef EARSHOT_PROBE_OPTION_ERROR_H
#define EARSHOT_PROBE_OPTION_ERROR_H

#include <stdbool.h>

struct option_error {
	char text[512];
};

/* Always false. */
__attribute__((format(printf, 2, 3))) bool option_refuse(struct option_error *error,
                                                         const char *format, ...);

/* Passes `good` on; when it is false, prints "--OPTION: " and the error. */
bool option_said(const char *option, bool good, const struct option_error *error);

#endif
