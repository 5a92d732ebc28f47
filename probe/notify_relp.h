/*
 * notify_relp.h - frames of RELP, the event logging protocol that acknowledges each
 * message: "TXNR SP COMMAND SP DATALEN [SP DATA] LF", both ways.
 */
#ifndef EARSHOT_PROBE_NOTIFY_RELP_H
#define EARSHOT_PROBE_NOTIFY_RELP_H

#include "web/buffer.h"

enum { RELP_NUMBER_MOST = 999999999 };

struct relp_frame {
	uint64_t number; /* of the transaction */
	struct text command, data;
};

void relp_add(struct buffer *out, uint64_t number, const char *command, struct text data);

/* The frame at the front, and how long it is; 0: more has to come; SIZE_MAX: it is none, or
 * longer than `most`. */
size_t relp_take(struct text bytes, size_t most, struct relp_frame *out);

#endif
