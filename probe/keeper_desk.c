#include "probe/keeper_desk.h"

#include <assert.h>
#include <err.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "probe/accounts_file.h"
#include "probe/keeper_rules.h"
#include "web/rule_body.h"

#define LOOK_EVERY (NS_PER_SEC * 9 / 10) /* it is called each second, more or less */

static_assert((size_t)DESK_SILENCES <= (size_t)LIMIT_SILENCES, "the rules take them all");

/* Nothing is made here: as long as nobody has kept anything there is no file. */
static void open_state(struct keeper_desk *desk, const char *db)
{
	struct db_error error = { "memory ran out" };
	struct stat file;
	char *path = accounts_file_path(db);
	if (path && stat(path, &file) != 0) {
		free(path);
		return;
	}
	if ((!path || accounts_open(path, &desk->state, &error) != OK) && !desk->failing) {
		warnx("keeper: silences and rules: %s", error.text);
		desk->failing = true;
	}
	free(path);
}

static void take_silence(void *self, const struct desk_silence *silence)
{
	struct keeper_desk *desk = self;
	if (desk->silence_count < DESK_SILENCES)
		desk->silences[desk->silence_count++] = *silence;
}

/* --- rules ---------------------------------------------------------------------------- */

struct reading {
	struct rule *said; /* owned */
	size_t count;
};

static void take_rule(void *self, const struct desk_rule *kept)
{
	struct reading *r = self;
	char why[RULE_ERROR_SIZE] = "no JSON";
	json_error_t error;
	json_t *body = json_loads(kept->body, 0, &error);
	if (r->count == LIMIT_RULES || !body ||
	    !rule_body_read(body, &r->said[r->count], why))
		warnx("keeper: rule '%s' that was made by the API: %s; it is left out",
		      kept->name, r->count == LIMIT_RULES ? "there are too many" : why);
	else if (text_copy(r->said[r->count].name, ALERT_RULE, text_from(kept->name)))
		r->count++;
	json_decref(body);
}

static enum status read_rules(struct keeper_desk *desk, struct keeper_alerts *alerts)
{
	struct reading r = { .said = calloc(LIMIT_RULES, sizeof *r.said) };
	if (!r.said)
		return ERR_NOMEM;
	const enum status status = desk_rules(desk->state, take_rule, &r);
	const bool same =
	        r.count == alerts->said_count &&
	        (!r.count || memcmp(r.said, alerts->said, r.count * sizeof *r.said) == 0);
	if (status == OK && !same)
		keeper_rules_say(alerts, r.said, r.count);
	else
		free(r.said);
	return status;
}

/* --- all ------------------------------------------------------------------------------ */

static enum status read_all(struct keeper_desk *desk, struct keeper_alerts *alerts,
                            nstime now)
{
	const enum status status = read_rules(desk, alerts);
	if (status != OK)
		return status;
	desk->silence_count = 0;
	return desk_silences(desk->state, now, DESK_SILENCES, take_silence, desk);
}

/* Those that are on now: the rules go by packet time, which may be any. */
static void tell_silences(const struct keeper_desk *desk, struct rules *rules, nstime now)
{
	struct rule_silence list[DESK_SILENCES];
	size_t count = 0;
	for (size_t i = 0; i < desk->silence_count; i++) {
		const struct desk_silence *from = &desk->silences[i];
		if (from->begins > now || from->ends <= now)
			continue;
		list[count] =
		        (struct rule_silence){ .from = NSTIME_NONE, .until = from->ends };
		text_copy(list[count].rule, sizeof list[count].rule, text_from(from->rule));
		text_copy(list[count].match, sizeof list[count].match,
		          text_from(from->match));
		count++;
	}
	rules_set_silences(rules, list, count);
}

void keeper_desk_tend(struct keeper_desk *desk, const char *db,
                      struct keeper_alerts *alerts, nstime now)
{
	int64_t version = 0;
	if (now - desk->looked_at < LOOK_EVERY && now >= desk->looked_at)
		return;
	desk->looked_at = now;
	if (!desk->state)
		open_state(desk, db);
	if (!desk->state)
		return;
	enum status status = desk_version(desk->state, &version);
	if (status == OK && version != desk->version) {
		status = read_all(desk, alerts, now);
		desk->version = status == OK ? version : 0;
	}
	if (status != OK && !desk->failing)
		warnx("keeper: silences and rules: %s", accounts_error(desk->state));
	desk->failing = status != OK;
	tell_silences(desk, alerts->rules, now);
}

void keeper_desk_free(struct keeper_desk *desk)
{
	accounts_close(desk->state);
	desk->state = NULL;
}
