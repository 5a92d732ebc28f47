/*
 * record_spill.h - a file beside the database where frames of the record stream wait while
 * the database does not take them: the bytes of the stream, one frame behind the other.
 *
 * What lies there survives the keeper: the next one finds it and goes on.  A frame that a
 * dying keeper wrote in part is cut off.  The file is emptied when all in it is kept, and
 * room for it is set aside beforehand where the disk has plenty, so that there is some when
 * it is full.
 */
#ifndef EARSHOT_PROBE_RECORD_SPILL_H
#define EARSHOT_PROBE_RECORD_SPILL_H

#include "probe/record_link.h"

struct spill {
	int fd;                  /* -1: there is none, it takes nothing */
	size_t most;             /* bytes at most */
	size_t end;              /* bytes of whole frames in it */
	size_t next;             /* how far it was read into `in` */
	struct link_receiver in; /* frames that are read back; its fd stays -1 */
};

/* ERR_IO: the file cannot be made or read, or another keeper has it, errno says why;
 * ERR_NOMEM. */
MUST_CHECK enum status spill_open(struct spill *spill, const char *path, size_t most);
void spill_close(struct spill *spill);

/* More frames, whole ones.  ERR_FULL: it has so many bytes already; ERR_IO: the disk does
 * not take them.  Nothing of them is in it then. */
MUST_CHECK enum status spill_add(struct spill *spill, struct span frames);

/* True: there are none that are not kept. */
bool spill_is_empty(const struct spill *spill);

/* What is there to be looked at, at `in`; ERR_IO: it cannot be read, and is given up. */
MUST_CHECK enum status spill_fill(struct spill *spill);

/* All that was looked at is kept; the last of it empties the file. */
void spill_kept(struct spill *spill);

#endif
