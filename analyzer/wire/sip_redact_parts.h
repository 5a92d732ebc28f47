/* sip_redact_parts.h - what the files of sip_redact.h share. */
#ifndef EARSHOT_WIRE_SIP_REDACT_PARTS_H
#define EARSHOT_WIRE_SIP_REDACT_PARTS_H

#include "analyzer/base/text.h"

struct redacted {
	char *to; /* borrowed */
	size_t len, size;
};

void redacted_keep(struct redacted *out, struct text t);
/* SIP_REDACTED, in place of something. */
void redacted_hide(struct redacted *out);

/* Index of needle, which is in small letters, without regard to case; t.len if none. */
size_t redact_find(struct text t, struct text needle);

/* The same, where any of `count` needles is enough. */
bool redact_has_any(struct text t, const char *const *needles, size_t count);

/* A value with its URIs' passwords hidden. */
void redact_uris(struct redacted *out, struct text value);

/* The value of an Authorization, WWW-Authenticate or Authentication-Info (RFC 3261 section
 * 25.1, RFC 7616), folds included. */
void redact_credentials(struct redacted *out, struct text value);

#endif
