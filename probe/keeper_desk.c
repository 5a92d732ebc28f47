#include "probe/keeper_desk.h"

#include <assert.h>
#include <err.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "probe/accounts_file.h"

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
		warnx("keeper: silences: %s", error.text);
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

static enum status read_all(struct keeper_desk *desk, nstime now)
{
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

void keeper_desk_tend(struct keeper_desk *desk, const char *db, struct rules *rules,
                      nstime now)
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
		status = read_all(desk, now);
		desk->version = status == OK ? version : 0;
	}
	if (status != OK && !desk->failing)
		warnx("keeper: silences: %s", accounts_error(desk->state));
	desk->failing = status != OK;
	tell_silences(desk, rules, now);
}

void keeper_desk_free(struct keeper_desk *desk)
{
	accounts_close(desk->state);
	desk->state = NULL;
}
