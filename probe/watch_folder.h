/*
 * watch_folder.h - a folder that captures are written into, as tcpdump -G and -C or dumpcap
 * do it: which files are finished.
 *
 * One is when nobody has it open for writing, and it was closed or moved here while we
 * looked on, or a newer one exists, or nothing has happened to it for a moment.  Where the
 * kernel does not tell whether it is open (a file of somebody else, without CAP_LEASE), the
 * last of these takes a minute.  Hidden files, and those that end in .tmp or .part, are
 * none.  Contents are not looked at, but for a digest of both ends.
 */
#ifndef EARSHOT_PROBE_WATCH_FOLDER_H
#define EARSHOT_PROBE_WATCH_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

#include "analyzer/base/status.h"
#include "schema/store_watch.h"

enum { WATCH_FILES = 65536 }; /* in the folder, at most */

enum watched_state {
	WATCHED_GROWING,
	WATCHED_FINISHED, /* and nobody has asked yet what it is */
	WATCHED_ASKED,
	WATCHED_GIVEN, /* to the engine */
	WATCHED_OVER,  /* read, or not to be read */
};

struct watched {
	struct watch_file file; /* its digest: once it is finished */
	enum watched_state state;
	bool closed;      /* by who wrote it, or moved here, as it is now */
	bool there;       /* it was found the last time */
	bool kept_by_now; /* of WATCHED_OVER: the keeper has said so */
	nstime changed;   /* monotonic; since then it is as it is */
	uint64_t id, place, before;
};

struct watch_folder {
	const char *path;      /* borrowed */
	int fd;                /* of the folder; -1 = it cannot be opened */
	int events;            /* inotify; -1 = none, or not needed yet */
	bool said;             /* what is wrong with it */
	bool dirty;            /* something has happened */
	nstime looked;         /* monotonic */
	struct watched *files; /* owned; by name */
	size_t count, room;
	uint64_t left_out; /* more than there may be */
};

void watch_folder_init(struct watch_folder *folder, const char *path);
void watch_folder_free(struct watch_folder *folder);

/* Looks again, if it is time to. */
void watch_folder_look(struct watch_folder *folder);
/* To be polled for POLLIN; -1 = nothing. */
int watch_folder_fd(const struct watch_folder *folder);

/* Of the files that are finished and about which nothing is known, that which was changed
 * first; NULL: there is none. */
struct watched *watch_folder_next(struct watch_folder *folder);
/* The file that is that one; NULL: it is not there. */
struct watched *watch_folder_find(struct watch_folder *folder,
                                  const struct watch_file *file);

/* Open for reading; -1: it has gone, or is another one by now. */
int watch_folder_open(const struct watch_folder *folder, const struct watched *watched);

#endif
