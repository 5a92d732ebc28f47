/*
 * desk.h - FILE.state: what people do about alerts.  They acknowledge them, say something
 * of them, want to hear nothing of some for a while, and have rules of their own.
 *
 * Functions are those of one thread at a time, as all of accounts.h.
 */
#ifndef EARSHOT_SCHEMA_DESK_H
#define EARSHOT_SCHEMA_DESK_H

#include "schema/accounts.h"

enum {
	DESK_TEXT = 513,         /* with its NUL: what somebody says */
	DESK_NAME = 64,          /* likewise: of a rule, a trunk, a site */
	DESK_BODY = 4096,        /* likewise: of a rule */
	DESK_NOTES_OF_ONE = 200, /* of one alert; more are refused */
	DESK_NOTES_MAX = 100000, /* of all; then the oldest go */
	DESK_SILENCES = 64,      /* that are not over; more are refused */
	DESK_SILENCES_MAX = 1000 /* of all; then those over for longest go */
};

enum desk_action {
	DESK_NOTHING,
	DESK_ACKNOWLEDGED,
	DESK_REOPENED,
	DESK_COMMENTED,
	DESK_ACTION_COUNT
};
extern const char *const desk_action_names[DESK_ACTION_COUNT];

/* --- notes ---------------------------------------------------------------------------- */

struct desk_note {
	int64_t id; /* given by the database; they rise */
	uint64_t alert;
	nstime at;
	char who[ACCOUNT_NAME];
	enum desk_action action;
	char text[DESK_TEXT]; /* "" = none */
};

/* ERR_FULL: the alert has as many as it may have. */
MUST_CHECK enum status desk_note_add(struct accounts *state, const struct desk_note *note);

/* The newest before that id (INT64_MAX: of all); of that alert, or of any (NULL). */
typedef void desk_each_note(void *self, const struct desk_note *note);
MUST_CHECK enum status desk_notes(struct accounts *state, const uint64_t *alert,
                                  int64_t before, size_t limit, desk_each_note *each,
                                  void *self);

/* Whether somebody has it in hand: the latest of those two notes.  .action: DESK_NOTHING
 * when nobody said either. */
MUST_CHECK enum status desk_in_hand(struct accounts *state, uint64_t alert,
                                    struct desk_note *out);

/* --- silences ------------------------------------------------------------------------- */

struct desk_silence {
	int64_t id;
	char rule[DESK_NAME];  /* "" = any */
	char match[DESK_NAME]; /* name of a trunk or site, or a peer's address; "" = any */
	nstime begins, ends, created;
	char author[ACCOUNT_NAME];
	char comment[DESK_TEXT];
	char ended_by[ACCOUNT_NAME]; /* "" = nobody */
};

/* *id: the new one's.  ERR_FULL: there are as many as may be. */
MUST_CHECK enum status desk_silence_add(struct accounts *state,
                                        const struct desk_silence *silence, int64_t *id);
/* From now on it is over.  ERR_NOT_FOUND: there is none, or it is already. */
MUST_CHECK enum status desk_silence_end(struct accounts *state, int64_t id, const char *who,
                                        nstime now);
/* Those that end behind that time, the newest first. */
typedef void desk_each_silence(void *self, const struct desk_silence *silence);
MUST_CHECK enum status desk_silences(struct accounts *state, nstime behind, size_t limit,
                                     desk_each_silence *each, void *self);

/* --- rules ---------------------------------------------------------------------------- */

struct desk_rule {
	char name[DESK_NAME];
	char body[DESK_BODY];
	char author[ACCOUNT_NAME];
	nstime changed;
};

/* fresh: there is none of that name yet, else ERR_UNSUPPORTED; not fresh: there is, else
 * ERR_NOT_FOUND. */
MUST_CHECK enum status desk_rule_put(struct accounts *state, const struct desk_rule *rule,
                                     bool fresh);
MUST_CHECK enum status desk_rule_remove(struct accounts *state, struct text name);
/* By name. */
typedef void desk_each_rule(void *self, const struct desk_rule *rule);
MUST_CHECK enum status desk_rules(struct accounts *state, desk_each_rule *each, void *self);

/* --- all ------------------------------------------------------------------------------ */

/* Another number than before: through another connection something was changed. */
MUST_CHECK enum status desk_version(struct accounts *state, int64_t *version);

#endif
