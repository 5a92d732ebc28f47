/* print_alert.h - alerts as lines of text. */
#ifndef EARSHOT_PROBE_PRINT_ALERT_H
#define EARSHOT_PROBE_PRINT_ALERT_H

#include "analyzer/model/record.h"
#include "web/buffer.h"

/* One change of state: "2026-01-31 09:44:10  firing    major     mos_low  trunk ...". */
void text_add_alert(struct buffer *to, const struct record *record, bool colour);

#endif
