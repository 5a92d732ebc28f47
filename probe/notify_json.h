/*
 * notify_json.h - alerts as JSON: for a webhook an object like that of /api/v1/alerts, with
 * `sensor`, `delivery` and `link`; for Alertmanager what POST /api/v2/alerts takes (its
 * OpenAPI 2.0 description, 0.25): a list of one.
 *
 * Alertmanager forgets what it does not hear of for a while (resolve_timeout, 5 min), so
 * that what fires has to be told again, and has no endsAt; labels are the same each time
 * the same goes wrong.
 */
#ifndef EARSHOT_PROBE_NOTIFY_JSON_H
#define EARSHOT_PROBE_NOTIFY_JSON_H

#include "probe/notify.h"

void notify_json(const struct notify_settings *settings, const struct alert_record *alert,
                 bool reminder, struct buffer *out);
void notify_json_say(const struct notify_settings *settings,
                     const struct notify_saying *saying, struct buffer *out);
void notify_json_test(const struct notify_settings *settings,
                      const struct receiver *receiver, nstime now, struct buffer *out);

void notify_alertmanager(const struct notify_settings *settings,
                         const struct alert_record *alert, struct buffer *out);
/* The same as one more of a list, which begins with [ and ends when ] is added. */
void notify_alertmanager_add(const struct notify_settings *settings,
                             const struct alert_record *alert, struct buffer *out);
/* It is over as soon as it is there. */
void notify_alertmanager_test(const struct notify_settings *settings,
                              const struct receiver *receiver, nstime now,
                              struct buffer *out);

#endif
