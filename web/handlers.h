/*
 * handlers.h - who answers which path.  A handler fills the body in the format that was
 * negotiated; false: *problem says why not.
 */
#ifndef EARSHOT_WEB_HANDLERS_H
#define EARSHOT_WEB_HANDLERS_H

#include "web/mask.h"
#include "web/response.h"
#include "web/site.h"

struct exchange {
	struct site *site;
	const struct request *request;
	struct response *response;
	struct problem *problem;
	const struct identity *identity; /* who asks */
	/*
	 * NULL: who asks may see people.  Else what `query` reads is hidden already; what
	 * comes from anywhere else is the handler's to hide, and a field that mask_hides
	 * is not to be asked, sorted or grouped by.
	 */
	struct mask *mask;
	struct query *query;   /* NULL for a path that needs no database */
	enum record_kind kind; /* of lists, and of what an {id} names */
	uint64_t id;           /* of the path's {id}; 0 without one */
	struct text name;      /* of the path's {name} */
};

bool handle_list(struct exchange *x);   /* list.c: a page of records of the kind */
bool handle_kpis(struct exchange *x);   /* kpis.c: rows of key performance indicators */
bool handle_trunks(struct exchange *x); /* trunks.c */
bool handle_trunk(struct exchange *x);
bool handle_call(struct exchange *x); /* calls.c */
bool handle_ladder(struct exchange *x);
bool handle_explain(struct exchange *x);
bool handle_pcap(struct exchange *x);
bool handle_legs_of_call(struct exchange *x);
bool handle_alert(struct exchange *x); /* alert_notes.c: what is said of an alert */
bool handle_alert_notes(struct exchange *x);
bool handle_acknowledge(struct exchange *x);
bool handle_reopen(struct exchange *x);
bool handle_comment(struct exchange *x);
bool handle_silences(struct exchange *x); /* silences.c */
bool handle_add_silence(struct exchange *x);
bool handle_end_silence(struct exchange *x);
bool handle_rules(struct exchange *x); /* rules.c */
bool handle_add_rule(struct exchange *x);
bool handle_change_rule(struct exchange *x);
bool handle_remove_rule(struct exchange *x);
bool handle_users(struct exchange *x); /* users.c */
bool handle_add_user(struct exchange *x);
bool handle_change_user(struct exchange *x);
bool handle_remove_user(struct exchange *x);
bool handle_reset_password(struct exchange *x);
bool handle_tokens(struct exchange *x);
bool handle_add_token(struct exchange *x);
bool handle_revoke_token(struct exchange *x);
bool handle_own_password(struct exchange *x);
bool handle_stream(struct exchange *x); /* streams.c */
bool handle_timeline(struct exchange *x);
bool handle_version(struct exchange *x); /* health.c */
bool handle_health(struct exchange *x);
bool handle_ready(struct exchange *x);
bool handle_probe(struct exchange *x);
bool handle_openapi(struct exchange *x);
bool handle_probe_events(struct exchange *x); /* probe_events.c */
bool handle_sla(struct exchange *x);          /* reports.c: a trunk's month */
bool handle_metrics(struct exchange *x);      /* metrics.c */

bool handle_login(struct exchange *x); /* session.c */
bool handle_logout(struct exchange *x);
bool handle_session(struct exchange *x);
bool handle_audit(struct exchange *x); /* audit.c */
bool handle_live(struct exchange *x);  /* watching.c */
bool handle_events(struct exchange *x);

/* The database did not answer: why, without a word of what is inside. */
bool handler_failed(struct exchange *x);

/* Finds the thing of exchange.kind and exchange.id; else the problem is 404. */
MUST_CHECK bool handler_find(struct exchange *x, struct found *out);

/* May the parameter speak of that field?  Else the problem is 403. */
MUST_CHECK bool handler_may_ask_for(struct exchange *x, const char *parameter,
                                    const struct field *field);

/* JSON objects, one a line, as the answer: lines, or the items of an array. */
void handler_add_lines(struct exchange *x, const struct buffer *lines);

/* The parameter `limit`, or its default. */
MUST_CHECK bool handler_read_limit(struct exchange *x, size_t *out);

/* The parameters `from` and `to`, absolute or relative to .now; else they stay as they are.
 */
struct handler_times {
	nstime now, from, to;
	bool relative; /* one of them was */
};
MUST_CHECK bool handler_read_times(struct exchange *x, struct handler_times *times);

/* The parameter `filter` of records of that kind; the caller frees it, NULL without one. */
MUST_CHECK bool handler_read_filter(struct exchange *x, enum record_kind kind,
                                    struct filter **out);

/*
 * A change in what is kept beside the database, between handler_begin_change and
 * handler_end_change on this thread alone: with good, and a word for it and what it was
 * done to in the audit, all of it is kept.
 */
MUST_CHECK struct accounts *handler_begin_change(struct exchange *x);
MUST_CHECK bool handler_end_change(struct exchange *x, bool good, const char *action,
                                   const char *subject);
/* Says why one did not work: a status of accounts_... or desk_...; false, but for OK. */
MUST_CHECK bool handler_changed(struct exchange *x, enum status status, const char *what);

/* The answer to who one is. */
void handler_add_identity(struct exchange *x, const struct identity *identity);

/* What somebody typed, as a JSON string; hidden where who asks may not see people. */
void handler_add_words(struct exchange *x, const char *words, struct buffer *to);

/* --- rows ----------------------------------------------------------------------------- */

/* Records on their way into the body, in its format: an array, lines, or rows of CSV. */
struct rendering {
	struct exchange *x; /* borrowed */
	struct buffer *to;
	enum response_format format;
	size_t count;
	bool full; /* RESPONSE_BODY_MAX is near: what comes now is left out */
};

void rendering_begin(struct rendering *r, struct exchange *x, enum record_kind kind);
/* false: it had no room. */
bool rendering_add(struct rendering *r, const struct record *record);
void rendering_end(struct rendering *r); /* closes the array, if it is one */

/*
 * A page of what is numbered and no record, newest first, into the body: an array, or
 * lines. The cursor is the number of the last one of the page before.
 */
struct numbered {
	struct buffer *to;
	enum response_format format;
	size_t limit, count;
	int64_t before; /* only what has a lower number */
	int64_t last;   /* number of the last one that was added */
	bool more;
};

/* The parameters `limit` and `cursor`; one more than .limit is to be offered. */
MUST_CHECK bool numbered_read(struct numbered *n, struct exchange *x);
void numbered_begin(struct numbered *n);
/* false: the page is full.  Else its object comes now, and numbered_added. */
MUST_CHECK bool numbered_add(struct numbered *n);
void numbered_added(struct numbered *n, int64_t number);
void numbered_end(struct numbered *n);

/* Behind a record's own members in JSON, each with a comma in front. */
void handler_add_beside(struct exchange *x, const struct record *record, struct buffer *to);

/* Every row of the answer; OK also when they did not all fit. */
MUST_CHECK enum status rendering_add_rows(struct rendering *r, struct rows *rows);

#endif
