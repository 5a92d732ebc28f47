/*
 * monitor_web.h - the API and the pages inside the keeper: over the database that it
 * writes, with what the engine tells meanwhile.
 *
 * Sockets are opened by the parent, and outlive a keeper.  Requests are answered by threads
 * of their own with connections of their own, which only read: nothing here waits for a
 * client.
 */
#ifndef EARSHOT_PROBE_MONITOR_WEB_H
#define EARSHOT_PROBE_MONITOR_WEB_H

#include "analyzer/model/record.h"
#include "probe/monitor.h"

/*
 * The parent, before it begins: opens the sockets of the configuration.  False: says why
 * not; the probe can do without.
 */
bool monitor_web_listen(struct monitor_options *options);

struct monitor_web;

/* The keeper, once it has its database.  NULL: there is none, or it cannot be, which was
 * said.  All that follows takes NULL. */
struct monitor_web *monitor_web_start(const struct monitor_options *options);

/* That pseudonyms are made with; NULL: there is none. */
const uint8_t *monitor_web_key(const struct monitor_web *web);

/* A call that is over is told of as soon as monitor_web_kept says that it is kept; a stream
 * that is not (over: false) counts as in flight. */
void monitor_web_record(struct monitor_web *web, const struct record *record, bool over);
/* Another engine began. */
void monitor_web_greet(struct monitor_web *web);
void monitor_web_kept(struct monitor_web *web);
void monitor_web_not_kept(struct monitor_web *web);

/* An alert changed, and that is kept. */
void monitor_web_alert(struct monitor_web *web, const struct record *alert);

/* About once a second: `standing` is a JSON object without its closing brace. */
void monitor_web_tick(struct monitor_web *web, struct text standing);

/* Certificate and access log anew. */
void monitor_web_reload(struct monitor_web *web);
/* Another configuration is heeded: its rules are shown. */
void monitor_web_rules(struct monitor_web *web, const struct config *config);
/* Ends it within moments, whatever is being asked. */
void monitor_web_stop(struct monitor_web *web);

#endif
