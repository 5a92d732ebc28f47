/*
 * notify_call.h - a call that is over as one line of syslog, for SIEMs.
 */
#ifndef EARSHOT_PROBE_NOTIFY_CALL_H
#define EARSHOT_PROBE_NOTIFY_CALL_H

#include "probe/notify.h"

/* Below it many users are dissatisfied (ITU-T G.109). */
#define CALL_IS_BAD_BELOW 3.6

/* It did not come about, was one-way, or sounded bad. */
bool notify_call_is_bad(const struct call_record *call);

/* At most SYSLOG_MAX octets; what does not fit is left out, field by field.  leg: the one
 * that tells who called whom; NULL: it is not known. */
void notify_call(const struct notify_settings *settings, const struct receiver *receiver,
                 const struct call_record *call, const struct leg_record *leg,
                 struct buffer *out);

#endif
