/*
 * record_encrypted.h - signalling that is seen but cannot be read.
 */
#ifndef EARSHOT_MODEL_RECORD_ENCRYPTED_H
#define EARSHOT_MODEL_RECORD_ENCRYPTED_H

#include "analyzer/model/record_base.h"

/* Signalling that nobody without keys can read: one client at one server. */
struct encrypted_record {
	uint64_t id;
	struct endpoint client, server; /* the client's port is 0: all of them together */
	enum transport transport;       /* tls or wss */
	char sni[RECORD_TEXT];
	uint64_t sessions, failed;
	nstime first, last;
};

#endif
