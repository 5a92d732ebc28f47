#include "schema/desk.h"

#include <string.h>

#include "schema/accounts_parts.h"

const char *const desk_action_names[DESK_ACTION_COUNT] = {
	[DESK_ACKNOWLEDGED] = "acknowledged",
	[DESK_REOPENED] = "reopened",
	[DESK_COMMENTED] = "commented",
};

static void take_text(sqlite3_stmt *row, int column, char *to, size_t size)
{
	const void *bytes = sqlite3_column_blob(row, column);
	const size_t len = (size_t)sqlite3_column_bytes(row, column);
	text_copy(to, size, (struct text){ bytes ? bytes : "", len });
}

static nstime take_time(sqlite3_stmt *row, int column)
{
	return sqlite3_column_int64(row, column) * NS_PER_US;
}

/* Each row of what was prepared, to `read`.  Ends the statement. */
static enum status each_row(struct accounts *state, sqlite3_stmt *statement,
                            enum status prepared,
                            void (*read)(sqlite3_stmt *row, void *self), void *self)
{
	enum status status = prepared;
	int code = SQLITE_DONE;
	while (status == OK && (code = sqlite3_step(statement)) == SQLITE_ROW)
		read(statement, self);
	if (status == OK && code != SQLITE_DONE)
		status = accounts_failed(state);
	sqlite3_finalize(statement);
	return status;
}

/* --- notes ---------------------------------------------------------------------------- */

static enum desk_action action_by_name(const char *name)
{
	for (unsigned int i = DESK_NOTHING + 1; i < DESK_ACTION_COUNT; i++)
		if (strcmp(desk_action_names[i], name) == 0)
			return (enum desk_action)i;
	return DESK_NOTHING;
}

/* id, alert, at, who, action, text */
static void take_note(sqlite3_stmt *row, struct desk_note *out)
{
	char action[16];
	*out = (struct desk_note){ .id = sqlite3_column_int64(row, 0) };
	out->alert = (uint64_t)sqlite3_column_int64(row, 1);
	out->at = take_time(row, 2);
	take_text(row, 3, out->who, sizeof out->who);
	take_text(row, 4, action, sizeof action);
	out->action = action_by_name(action);
	take_text(row, 5, out->text, sizeof out->text);
}

enum status desk_note_add(struct accounts *state, const struct desk_note *note)
{
	static const char sql[] = "INSERT INTO alert_note (alert, at, who, action, text) "
	                          "SELECT ?1, ?2, ?3, ?4, nullif(?5, '') WHERE "
	                          "(SELECT count(*) FROM alert_note WHERE alert = ?1) < ?6";
	static const char forget[] =
	        "DELETE FROM alert_note WHERE id <= (SELECT max(id) FROM alert_note) - ?1";
	sqlite3_stmt *statement = NULL;
	enum status status =
	        accounts_prepare(state, &statement, sql, "iittti", (int64_t)note->alert,
	                         note->at / NS_PER_US, text_from(note->who),
	                         text_from(desk_action_names[note->action]),
	                         text_from(note->text), (int64_t)DESK_NOTES_OF_ONE);
	status = accounts_run(state, statement, status);
	if (status == ERR_NOT_FOUND)
		return ERR_FULL;
	if (status != OK)
		return status;
	statement = NULL;
	status = accounts_prepare(state, &statement, forget, "i", (int64_t)DESK_NOTES_MAX);
	status = accounts_run(state, statement, status);
	return status == ERR_NOT_FOUND ? OK : status;
}

struct reading_notes {
	desk_each_note *each;
	void *self;
};

static void read_note(sqlite3_stmt *row, void *self)
{
	const struct reading_notes *r = self;
	struct desk_note note;
	take_note(row, &note);
	r->each(r->self, &note);
}

enum status desk_notes(struct accounts *state, const uint64_t *alert, int64_t before,
                       size_t limit, desk_each_note *each, void *self)
{
	static const char of_one[] =
	        "SELECT id, alert, at, who, action, text FROM alert_note "
	        "WHERE id < ?1 AND alert = ?3 ORDER BY id DESC LIMIT ?2";
	static const char of_all[] =
	        "SELECT id, alert, at, who, action, text FROM alert_note "
	        "WHERE id < ?1 ORDER BY id DESC LIMIT ?2";
	struct reading_notes r = { each, self };
	sqlite3_stmt *statement = NULL;
	const enum status status =
	        alert ? accounts_prepare(state, &statement, of_one, "iii", before,
	                                 (int64_t)limit, (int64_t)*alert)
	              : accounts_prepare(state, &statement, of_all, "ii", before,
	                                 (int64_t)limit);
	return each_row(state, statement, status, read_note, &r);
}

static void read_one_note(sqlite3_stmt *row, void *self)
{
	take_note(row, self);
}

enum status desk_in_hand(struct accounts *state, uint64_t alert, struct desk_note *out)
{
	static const char sql[] =
	        "SELECT id, alert, at, who, action, text FROM alert_note WHERE alert = ?1 "
	        "AND action IN ('acknowledged', 'reopened') ORDER BY id DESC LIMIT 1";
	sqlite3_stmt *statement = NULL;
	*out = (struct desk_note){ .alert = alert };
	const enum status status =
	        accounts_prepare(state, &statement, sql, "i", (int64_t)alert);
	return each_row(state, statement, status, read_one_note, out);
}

/* --- silences ------------------------------------------------------------------------- */

enum status desk_silence_add(struct accounts *state, const struct desk_silence *silence,
                             int64_t *id)
{
	static const char sql[] =
	        "INSERT INTO silence (rule, match, begins, ends, author, comment, created) "
	        "SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7 WHERE "
	        "(SELECT count(*) FROM silence WHERE ends > ?7) < ?8";
	static const char forget[] = "DELETE FROM silence WHERE ends <= ?1 AND id NOT IN "
	                             "(SELECT id FROM silence ORDER BY ends DESC LIMIT ?2)";
	sqlite3_stmt *statement = NULL;
	const int64_t now = silence->created / NS_PER_US;
	enum status status = accounts_prepare(
	        state, &statement, sql, "ttiittii", text_from(silence->rule),
	        text_from(silence->match), silence->begins / NS_PER_US,
	        silence->ends / NS_PER_US, text_from(silence->author),
	        text_from(silence->comment), now, (int64_t)DESK_SILENCES);
	status = accounts_run(state, statement, status);
	if (status == ERR_NOT_FOUND)
		return ERR_FULL;
	if (status != OK)
		return status;
	*id = sqlite3_last_insert_rowid(state->db);
	statement = NULL;
	status = accounts_prepare(state, &statement, forget, "ii", now,
	                          (int64_t)DESK_SILENCES_MAX);
	status = accounts_run(state, statement, status);
	return status == ERR_NOT_FOUND ? OK : status;
}

enum status desk_silence_end(struct accounts *state, int64_t id, const char *who,
                             nstime now)
{
	static const char sql[] =
	        "UPDATE silence SET ends = ?2, ended_by = ?3 WHERE id = ?1 AND ends > ?2";
	sqlite3_stmt *statement = NULL;
	const enum status status = accounts_prepare(state, &statement, sql, "iit", id,
	                                            now / NS_PER_US, text_from(who));
	return accounts_run(state, statement, status);
}

struct reading_silences {
	desk_each_silence *each;
	void *self;
};

static void read_silence(sqlite3_stmt *row, void *self)
{
	const struct reading_silences *r = self;
	struct desk_silence silence = { .id = sqlite3_column_int64(row, 0) };
	take_text(row, 1, silence.rule, sizeof silence.rule);
	take_text(row, 2, silence.match, sizeof silence.match);
	silence.begins = take_time(row, 3);
	silence.ends = take_time(row, 4);
	take_text(row, 5, silence.author, sizeof silence.author);
	take_text(row, 6, silence.comment, sizeof silence.comment);
	silence.created = take_time(row, 7);
	take_text(row, 8, silence.ended_by, sizeof silence.ended_by);
	r->each(r->self, &silence);
}

enum status desk_silences(struct accounts *state, nstime behind, size_t limit,
                          desk_each_silence *each, void *self)
{
	static const char sql[] =
	        "SELECT id, rule, match, begins, ends, author, comment, created, ended_by "
	        "FROM silence WHERE ends > ?1 ORDER BY id DESC LIMIT ?2";
	struct reading_silences r = { each, self };
	sqlite3_stmt *statement = NULL;
	const enum status status = accounts_prepare(state, &statement, sql, "ii",
	                                            behind / NS_PER_US, (int64_t)limit);
	return each_row(state, statement, status, read_silence, &r);
}

/* --- rules ---------------------------------------------------------------------------- */

enum status desk_rule_put(struct accounts *state, const struct desk_rule *rule, bool fresh)
{
	static const char add[] =
	        "INSERT INTO rule (name, body, author, changed) VALUES (?1, ?2, ?3, ?4)";
	static const char change[] =
	        "UPDATE rule SET body = ?2, author = ?3, changed = ?4 WHERE name = ?1";
	sqlite3_stmt *statement = NULL;
	const enum status status = accounts_prepare(
	        state, &statement, fresh ? add : change, "ttti", text_from(rule->name),
	        text_from(rule->body), text_from(rule->author), rule->changed / NS_PER_US);
	return accounts_run(state, statement, status);
}

enum status desk_rule_remove(struct accounts *state, struct text name)
{
	sqlite3_stmt *statement = NULL;
	const enum status status = accounts_prepare(
	        state, &statement, "DELETE FROM rule WHERE name = ?1", "t", name);
	return accounts_run(state, statement, status);
}

struct reading_rules {
	desk_each_rule *each;
	void *self;
};

static void read_rule(sqlite3_stmt *row, void *self)
{
	const struct reading_rules *r = self;
	struct desk_rule rule;
	take_text(row, 0, rule.name, sizeof rule.name);
	take_text(row, 1, rule.body, sizeof rule.body);
	take_text(row, 2, rule.author, sizeof rule.author);
	rule.changed = take_time(row, 3);
	r->each(r->self, &rule);
}

enum status desk_rules(struct accounts *state, desk_each_rule *each, void *self)
{
	struct reading_rules r = { each, self };
	sqlite3_stmt *statement = NULL;
	const enum status status = accounts_prepare(
	        state, &statement,
	        "SELECT name, body, author, changed FROM rule ORDER BY name", "");
	return each_row(state, statement, status, read_rule, &r);
}

/* --- all ------------------------------------------------------------------------------ */

static void read_version(sqlite3_stmt *row, void *self)
{
	*(int64_t *)self = sqlite3_column_int64(row, 0);
}

enum status desk_version(struct accounts *state, int64_t *version)
{
	sqlite3_stmt *statement = NULL;
	const enum status status =
	        accounts_prepare(state, &statement, "PRAGMA data_version", "");
	return each_row(state, statement, status, read_version, version);
}
