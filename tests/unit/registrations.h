/* registrations.h - what a phone says to its registrar, as lines of a scene's script. */
#ifndef EARSHOT_TESTS_UNIT_REGISTRATIONS_H
#define EARSHOT_TESTS_UNIT_REGISTRATIONS_H

#include "tests/unit/scene.h"

#define PHONE "198.18.0.1:5060"
#define REGISTRAR "198.19.0.1:5060"

enum { MOST_LINES = 6 };

#define CONTACT(expires) "Contact: <sip:alice@198.18.0.1:5060>;expires=" expires "\r\n"

/* clang-format off */
#define REGISTER(ms, cseq, headers) \
	{ ms, PHONE, REGISTRAR, "REGISTER", cseq " REGISTER", "a", NULL, NULL, NULL, \
	  headers }
#define ANSWER(ms, what, cseq, headers) \
	{ ms, REGISTRAR, PHONE, what, cseq " REGISTER", "a", "r", NULL, NULL, headers }
/* clang-format on */

#endif
