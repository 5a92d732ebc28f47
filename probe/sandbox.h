/*
 * sandbox.h - a child of the monitor gives up what it does not need: its user, all
 * capabilities, new privileges for ever, memory dumps, files that it has nothing to do with
 * (sandbox_files.h), and every system call that is not on a short list.  Each step is
 * checked afterwards, for what only seems to be dropped is worse than what is known to be
 * there.
 */
#ifndef EARSHOT_PROBE_SANDBOX_H
#define EARSHOT_PROBE_SANDBOX_H

#include <stdbool.h>
#include <sys/types.h>

#include "analyzer/base/status.h"

enum sandbox_role {
	SANDBOX_ENGINE,            /* opens no file, no socket, no process */
	SANDBOX_KEEPER,            /* opens files: the database */
	SANDBOX_NOTIFIER,          /* as the engine, without its packet sockets */
	SANDBOX_ENGINE_OF_WORKERS, /* the engine: it will begin threads, then no more */
};

enum { SANDBOX_ERROR_SIZE = 256 };

struct sandbox_user {
	uid_t uid;
	gid_t gid;
};

/* A user by name, or by number: then its group has the same.  ERR_NOT_FOUND;
 * ERR_UNSUPPORTED: it is root. */
MUST_CHECK enum status sandbox_find_user(const char *name, struct sandbox_user *out,
                                         char error[SANDBOX_ERROR_SIZE]);

/*
 * From here on this process can do what its role needs; it writes files in no folder but
 * that one, NULL: in none.  ERR_IO with *error filled: a step
 * failed or had no effect.  With `insecure` each failing step is said on standard error and
 * the next one tried.
 */
MUST_CHECK enum status sandbox_enter(enum sandbox_role role,
                                     const struct sandbox_user *user, const char *folder,
                                     bool insecure, char error[SANDBOX_ERROR_SIZE]);

/* All threads are there: none may begin any more.  Errors as above. */
MUST_CHECK enum status sandbox_no_more_threads(bool insecure,
                                               char error[SANDBOX_ERROR_SIZE]);

#endif
