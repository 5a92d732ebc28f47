/*
 * export_file.h - where exported records go: standard output; a file that is there whole or
 * not at all; or a file that grows from export to export, with another beside it that says
 * how far it is.
 *
 * What a run that was cut off wrote behind the place that is remembered goes: so each
 * record is in the file once, whatever happened in between.
 */
#ifndef EARSHOT_PROBE_EXPORT_FILE_H
#define EARSHOT_PROBE_EXPORT_FILE_H

#include "probe/new_file.h"
#include "web/buffer.h"

/* What is exported: another export does not go on with this one's file. */
struct export_question {
	const char *kind, *format;
	const char *filter; /* "" = none */
	bool masked;
};

struct export_file {
	FILE *out;
	const char *output, *memory;     /* borrowed; NULL = none */
	struct export_question question; /* its texts are borrowed */
	struct new_file fresh;           /* without a memory */
	int64_t place;                   /* where to go on; 0 = from the beginning */
	bool begun;                      /* there is something in it already */
};

/*
 * output NULL: standard output; memory NULL: nothing is remembered.  Fills in place and
 * begun out of the memory, if there is one.  false: *error says why not.
 */
MUST_CHECK bool export_file_open(struct export_file *file, const char *output,
                                 const char *memory, const struct export_question *question,
                                 char *error, size_t size);

/* Writes it and empties it; then everything up to that place is in the file for good. */
MUST_CHECK bool export_file_add(struct export_file *file, struct buffer *records,
                                int64_t place);

/* false, also when not `whole`: errno says why, and a file without a memory is not there.
 */
MUST_CHECK bool export_file_close(struct export_file *file, bool whole);

#endif
