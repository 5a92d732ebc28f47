/*
 * sandbox_files.h - which files a process may still reach, by Landlock (Linux 5.13 and
 * later): for what it opens from here on, and for its children.
 */
#ifndef EARSHOT_PROBE_SANDBOX_FILES_H
#define EARSHOT_PROBE_SANDBOX_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/status.h"

enum { SANDBOX_FOLDERS = 4 };

struct sandbox_files {
	bool reads; /* anything */
	const char *
	        writes[SANDBOX_FOLDERS]; /* files in these folders and below; NULL = none */
};

/*
 * Nothing else, and no program.  New privileges have to be renounced before.  OK also where
 * the kernel cannot do it; ERR_IO: it can, but does not, errno says why.
 */
MUST_CHECK enum status sandbox_confine_files(const struct sandbox_files *files);

/* Where the file lies, links resolved; false: there is no such folder. */
bool sandbox_folder_of(const char *path, char *to, size_t size);

#endif
