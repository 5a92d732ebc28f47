#include "probe/accounts_file.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

char *accounts_file_path(const char *db)
{
	char *path;
	return asprintf(&path, "%s.state", db) < 0 ? NULL : path;
}

/* Where it cannot be given away, the probe will say that it cannot open it. */
static void give_to_owner(const char *db, const char *path)
{
	struct stat calls;
	struct stat state;
	if (geteuid() == 0 && stat(db, &calls) == 0 && stat(path, &state) == 0 &&
	    calls.st_uid != state.st_uid)
		(void)!chown(path, calls.st_uid, calls.st_gid);
}

enum status accounts_file_open(const char *db, struct accounts **out,
                               struct db_error *error)
{
	char *path = accounts_file_path(db);
	if (!path) {
		snprintf(error->text, sizeof error->text, "%s: out of memory", db);
		return ERR_NOMEM;
	}
	const enum status status = accounts_open(path, out, error);
	if (status == OK)
		give_to_owner(db, path);
	free(path);
	return status;
}
