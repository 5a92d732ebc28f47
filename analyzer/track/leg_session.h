/*
 * leg_session.h - the session timer of a leg (RFC 4028): what was agreed on, when it was
 * refreshed last, and whether an end looks like its doing.
 */
#ifndef EARSHOT_TRACK_LEG_SESSION_H
#define EARSHOT_TRACK_LEG_SESSION_H

#include "analyzer/base/clock.h"
#include "analyzer/model/record.h"
#include "analyzer/wire/sip.h"

struct leg_session {
	nstime refreshed;   /* the latest 2xx that agreed on it */
	nstime asked;       /* a refresh that is not answered, or by 408 or 481; 0: none */
	uint32_t expires_s; /* as agreed last; 0: never */
	uint16_t refreshes; /* after the first agreement */
	uint8_t refresher;  /* enum party */
	bool runs;
	bool asked_by_caller;
};

/* A message of the leg that is no retransmission. */
void leg_session_note(struct leg_session *session, const struct sip_message *message,
                      bool from_caller, nstime at);

/*
 * Would the timer have made that side hang up then?  Either because nobody refreshed (RFC
 * 4028 section 10: a third of the interval, at most 32 s, before it is over) or because the
 * side's own refresh failed.
 */
bool leg_session_explains(const struct leg_session *session, bool by_caller, nstime bye);

void leg_session_record(const struct leg_session *session, struct leg_record *out);

#endif
