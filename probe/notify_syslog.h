/*
 * notify_syslog.h - the parts of an RFC 5424 message: all of it is printable ASCII,
 * whatever a stranger wrote.
 */
#ifndef EARSHOT_PROBE_NOTIFY_SYSLOG_H
#define EARSHOT_PROBE_NOTIFY_SYSLOG_H

#include "probe/notify.h"

/* "<PRI>1 TIME SENSOR earshot - ID ", ID in capitals; severity: table 2 of the RFC. */
void syslog_add_head(const struct notify_settings *settings,
                     const struct receiver *receiver, unsigned int severity, nstime at,
                     const char *id, struct buffer *out);
/* ' name="value"' */
void syslog_add_parameter(struct buffer *out, const char *name, struct text value);
/* The same of a number; NaN: nothing. */
void syslog_add_real(struct buffer *out, const char *name, double value);

#endif
