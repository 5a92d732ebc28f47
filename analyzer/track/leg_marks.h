/*
 * leg_marks.h - what else a leg's INVITE says of its caller and of what he can, as little
 * of it as tells whether it is still so on the next leg: bits, and hashes where only
 * equality matters.  Of methods and option tags that sip.h does not name nothing is kept.
 */
#ifndef EARSHOT_TRACK_LEG_MARKS_H
#define EARSHOT_TRACK_LEG_MARKS_H

#include "analyzer/wire/sip.h"

/* Headers that are there, or are not. */
enum mark_header {
	MARK_ASSERTED = 1 << 0, /* P-Asserted-Identity */
	MARK_DIVERSION = 1 << 1,
	MARK_HISTORY_INFO = 1 << 2,
	MARK_IDENTITY = 1 << 3, /* RFC 8224 */
	MARK_ALLOW = 1 << 4,
	MARK_SUPPORTED = 1 << 5,
};

struct leg_marks {
	uint32_t display, contact; /* hashes; 0: none */
	uint16_t allow;            /* bit for each enum sip_method */
	uint16_t supported;        /* bit for each of sip_option_tags */
	uint8_t headers;           /* enum mark_header */
};

/* The INVITE that begins the leg; of several the last one counts. */
void leg_marks_note(struct leg_marks *marks, const struct sip_message *message);

#endif
