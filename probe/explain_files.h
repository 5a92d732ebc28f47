/*
 * explain_files.h - `earshot explain` without a database: the records of captures, gathered
 * call by call while they are analysed.
 *
 * What belongs to a call waits for the call's own record, which is its last.  Then it is
 * explained or, when only one thing was asked for and this is not it, forgotten.
 */
#ifndef EARSHOT_PROBE_EXPLAIN_FILES_H
#define EARSHOT_PROBE_EXPLAIN_FILES_H

#include "analyzer/model/limits.h"
#include "probe/explain_call.h"

struct explain_files {
	char *const *files;
	size_t file_count;
	const char *wanted; /* NULL: everything */
	struct settings settings;
	struct explain_style style;
	bool progress;
};

/* The exit status; says what goes wrong. */
int explain_files(const char *command, const struct explain_files *asked);

#endif
