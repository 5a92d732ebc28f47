/*
 * certificate.h - the two PEM files of TLS, in memory, and whether they have changed since.
 */
#ifndef EARSHOT_WEB_CERTIFICATE_H
#define EARSHOT_WEB_CERTIFICATE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "analyzer/base/status.h"

/* By which a file is known to be another one. */
struct certificate_stamp {
	struct timespec changed;
	off_t size;
	ino_t inode;
};

struct certificate {
	const char *files[2]; /* borrowed: the chain, and the key of its first */
	char *chain, *key;    /* owned, terminated; NULL: none */
	struct certificate_stamp seen[2]; /* of what is above, or was refused */
};

/* Reads both; on failure all is as it was, and *error says why. */
MUST_CHECK enum status certificate_read(struct certificate *certificate, char *error,
                                        size_t size);
/* Are there other files than those seen last, a second old at least? */
bool certificate_has_changed(const struct certificate *certificate);
void certificate_forget(struct certificate *certificate);

#endif
