/*
 * passport.h - the PASSporT of an Identity header (RFC 8224, RFC 8225), as SHAKEN has it
 * (RFC 8588): who says that whom may call with that number.
 *
 * Nothing is verified here: no certificate is fetched and no signature checked.
 */
#ifndef EARSHOT_WIRE_PASSPORT_H
#define EARSHOT_WIRE_PASSPORT_H

#include "analyzer/base/text.h"

enum { PASSPORT_ROOM = 4096 }; /* bytes that header and claims take when decoded */

enum attestation { ATTEST_NONE, ATTEST_A, ATTEST_B, ATTEST_C, ATTEST_COUNT };

struct passport {
	bool compact;     /* header and claims left out: to be rebuilt from the message */
	bool foreign_alg; /* signed with another algorithm than ES256 */
	struct text type; /* ppt: "shaken", "div"; may be empty */
	int64_t issued_s; /* iat, since 1970; -1: not said */
	struct text orig; /* tn, or uri, of who calls */
	struct text dest; /* the first of those called */
	enum attestation attest;
};

/*
 * One value of an Identity header.  Texts borrow from `room`, escapes left in.
 * ERR_MALFORMED for what is no PASSporT (RFC 4474 had other headers of that name),
 * ERR_TOO_LONG when it does not fit.
 */
MUST_CHECK enum status passport_read(struct text identity, uint8_t room[PASSPORT_ROOM],
                                     struct passport *out);

#endif
