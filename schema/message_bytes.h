/*
 * message_bytes.h - the bytes of SIP messages as message_raw keeps them: a Zstandard frame
 * (RFC 8878), made with a dictionary of what SIP messages usually say, or the bytes as they
 * are where that is not shorter.  No SIP message begins like such a frame.
 */
#ifndef EARSHOT_SCHEMA_MESSAGE_BYTES_H
#define EARSHOT_SCHEMA_MESSAGE_BYTES_H

#include "analyzer/base/span.h"
#include "analyzer/base/status.h"

/* Never edited after release: what was kept could not be read any more. */
extern const char message_dictionary[];

struct message_packer;

MUST_CHECK enum status message_packer_new(struct message_packer **out); /* ERR_NOMEM */
void message_packer_free(struct message_packer *packer);                /* NULL is fine */

/* At most STORE_RAW_MAX bytes.  Borrowed until the next call. */
struct span message_pack(struct message_packer *packer, struct span bytes);

struct message_unpacker;

MUST_CHECK enum status message_unpacker_new(struct message_unpacker **out);
void message_unpacker_free(struct message_unpacker *unpacker);

/* The bytes as they were; empty when they are no such frame or one of more than
 * STORE_RAW_MAX bytes.  Borrowed until the next call. */
struct span message_unpack(struct message_unpacker *unpacker, struct span kept);

#endif
