#include "schema/kpi_peaks.h"

#include <stdlib.h>
#include <string.h>

#include "analyzer/base/hash.h"
#include "analyzer/base/map.h"

enum { SECONDS = 60, MINUTE_US = 60000000, EDGES = SECONDS + 1 };

/* --- which groups --------------------------------------------------------------------- */

static const struct grouping {
	unsigned int by;
	const char *name;
} groupings[] = {
	{ 0, "all" },
	{ KPI_BY_DIRECTION, "direction" },
	{ KPI_BY_SITE, "site" },
	{ KPI_BY_SITE | KPI_BY_DIRECTION, "site,direction" },
	{ KPI_BY_TRUNK, "trunk" },
	{ KPI_BY_TRUNK | KPI_BY_DIRECTION, "trunk,direction" },
	{ KPI_BY_PEER, "peer" },
	{ KPI_BY_PEER | KPI_BY_DIRECTION, "peer,direction" },
	{ KPI_BY_PREFIX, "prefix" },
};

static bool is_of_view(const struct grouping *grouping, enum kpi_view view)
{
	if (view == KPI_VIEW_LEG)
		return (grouping->by & ~(unsigned int)KPI_BY_PREFIX) == 0;
	return view != KPI_VIEW_TRUNK || !(grouping->by & KPI_BY_PEER);
}

const char *kpi_peaks_grouped(enum kpi_view view, unsigned int by)
{
	if (by & KPI_BY_PEER)
		by &= ~(unsigned int)KPI_BY_TRUNK;
	if (by & (KPI_BY_PEER | KPI_BY_TRUNK))
		by &= ~(unsigned int)KPI_BY_SITE;
	for (size_t i = 0; i < ARRAY_LEN(groupings); i++) {
		if (groupings[i].by == by && is_of_view(&groupings[i], view))
			return groupings[i].name;
	}
	return NULL;
}

/* --- adding up ------------------------------------------------------------------------ */

/* What happens in each second: begun, and how many more (or bits) than before. */
struct seconds {
	int64_t of[KPI_PEAK_COUNT][EDGES];
};

struct group {
	const struct grouping *grouping;
	struct kpi_key key; /* what is told apart; its view is that of the question */
	int64_t minute;     /* the one in `now` */
	struct seconds now;
	int64_t peaks[KPI_PEAK_COUNT];
};

struct groups {
	struct group **list; /* owned, and each of them */
	size_t count, room;
	struct map map;
};

static void groups_free(struct groups *groups)
{
	for (size_t i = 0; i < groups->count; i++)
		free(groups->list[i]);
	free(groups->list);
	map_free(&groups->map);
}

static uint64_t hash_of(const struct grouping *grouping, const struct kpi_key *key)
{
	static const struct hash_key hash = { 3, 4 }; /* groups of our own making */
	const uint64_t parts[] = { (uint64_t)(grouping - groupings),
		                   key->view,
		                   key->direction,
		                   hash_text(&hash, text_from(key->trunk)),
		                   hash_text(&hash, text_from(key->site)),
		                   hash_text(&hash, text_from(key->peer)),
		                   hash_text(&hash, text_from(key->prefix)) };
	return hash_bytes(&hash, parts, sizeof parts);
}

static bool same(const struct group *group, const struct grouping *grouping,
                 const struct kpi_key *key)
{
	return group->grouping == grouping && group->key.view == key->view &&
	       group->key.direction == key->direction &&
	       strcmp(group->key.trunk, key->trunk) == 0 &&
	       strcmp(group->key.site, key->site) == 0 &&
	       strcmp(group->key.peer, key->peer) == 0 &&
	       strcmp(group->key.prefix, key->prefix) == 0;
}

/* Made when it is not there; NULL: no memory. */
static struct group *find(struct groups *groups, const struct grouping *grouping,
                          const struct kpi_key *key)
{
	const uint64_t hash = hash_of(grouping, key);
	struct map_cursor cursor = map_cursor_of(hash);
	uint32_t number;
	while ((number = map_next(&groups->map, &cursor)) != MAP_NONE) {
		if (same(groups->list[number], grouping, key))
			return groups->list[number];
	}
	if (groups->count == groups->room) {
		const size_t room = groups->room ? 2 * groups->room : 64;
		struct group **list = realloc(groups->list, room * sizeof(*list));
		if (!list)
			return NULL;
		groups->list = list;
		groups->room = room;
	}
	struct group *group = calloc(1, sizeof *group);
	if (!group || map_insert(&groups->map, hash, (uint32_t)groups->count) != OK) {
		free(group);
		return NULL;
	}
	groups->list[groups->count++] = group;
	group->grouping = grouping;
	group->key = *key;
	return group;
}

/* The minute is over: what did it peak at? */
static void end_minute(struct group *group)
{
	for (unsigned int series = 0; series < KPI_PEAK_COUNT; series++) {
		const bool counts = series == KPI_STARTS - KPI_HISTOGRAM_COUNT;
		int64_t level = 0;
		for (size_t i = 0; i < EDGES; i++) {
			level = group->now.of[series][i] + (counts ? 0 : level);
			if (level > group->peaks[series])
				group->peaks[series] = level;
		}
	}
	memset(&group->now, 0, sizeof group->now);
}

static void add_seconds(struct group *group, int64_t minute, const struct seconds *seconds)
{
	if (minute != group->minute)
		end_minute(group);
	group->minute = minute;
	for (unsigned int series = 0; series < KPI_PEAK_COUNT; series++) {
		for (size_t i = 0; i < EDGES; i++)
			group->now.of[series][i] += seconds->of[series][i];
	}
}

/* False without memory; of bins that are damaged, those before the damage. */
static bool read_seconds(struct span bytes, struct kpi_bins *bins, struct seconds *out)
{
	kpi_bins_clear(bins);
	memset(out, 0, sizeof *out);
	if (kpi_bins_decode(bytes, bins) == ERR_NOMEM)
		return false;
	for (size_t i = 0; i < bins->count; i++) {
		const unsigned int series = bins->list[i].key >> 8;
		const unsigned int second = bins->list[i].key & 0xff;
		if (series >= KPI_HISTOGRAM_COUNT && series < KPI_SERIES_COUNT &&
		    second < EDGES)
			out->of[series - KPI_HISTOGRAM_COUNT][second] += bins->list[i].n;
	}
	return true;
}

/* --- the minutes ---------------------------------------------------------------------- */

enum column { START, VIEW, TRUNK, SITE, PEER, DIRECTION, PREFIX, BINS };

static const char minutes_sql[] =
        "SELECT start, \"view\", trunk, site, peer, direction, prefix, bins FROM kpi "
        "WHERE start >= ?1 AND start < ?2 AND codec = '' AND status = 0 ORDER BY start";

static struct text text_at(sqlite3_stmt *row, enum column column)
{
	const void *bytes = sqlite3_column_blob(row, (int)column);
	return (struct text){ bytes ? bytes : "",
		              (size_t)sqlite3_column_bytes(row, (int)column) };
}

static void read_key(sqlite3_stmt *row, struct kpi_key *out)
{
	const struct text direction = text_at(row, DIRECTION);
	*out = (struct kpi_key){ 0 };
	out->view = (enum kpi_view)kpi_word_value(KPI_WORD_VIEW, text_at(row, VIEW));
	text_copy(out->trunk, sizeof out->trunk, text_at(row, TRUNK));
	text_copy(out->site, sizeof out->site, text_at(row, SITE));
	text_copy(out->peer, sizeof out->peer, text_at(row, PEER));
	text_copy(out->prefix, sizeof out->prefix, text_at(row, PREFIX));
	out->direction = text_equal(direction, TEXT("inbound"))    ? KPI_INBOUND
	                 : text_equal(direction, TEXT("outbound")) ? KPI_OUTBOUND
	                                                           : KPI_DIRECTION_NONE;
}

/* What this grouping tells apart; and what follows from that. */
static struct kpi_key group_key(const struct kpi_key *key, enum kpi_view view,
                                unsigned int by)
{
	struct kpi_key out = { .view = view };
	if (by & (KPI_BY_TRUNK | KPI_BY_PEER))
		memcpy(out.trunk, key->trunk, sizeof out.trunk);
	if (by & (KPI_BY_SITE | KPI_BY_TRUNK | KPI_BY_PEER))
		memcpy(out.site, key->site, sizeof out.site);
	if (by & KPI_BY_PEER)
		memcpy(out.peer, key->peer, sizeof out.peer);
	if (by & KPI_BY_DIRECTION)
		out.direction = key->direction;
	if (by & KPI_BY_PREFIX)
		memcpy(out.prefix, key->prefix, sizeof out.prefix);
	return out;
}

static bool add_to_view(struct groups *groups, const struct kpi_key *key,
                        enum kpi_view view, int64_t minute, const struct seconds *seconds)
{
	for (size_t i = 0; i < ARRAY_LEN(groupings); i++) {
		if (!is_of_view(&groupings[i], view))
			continue;
		const struct kpi_key wanted = group_key(key, view, groupings[i].by);
		struct group *group = find(groups, &groupings[i], &wanted);
		if (!group)
			return false;
		add_seconds(group, minute, seconds);
	}
	return true;
}

static int add_minutes(sqlite3_stmt *row, struct groups *groups)
{
	struct kpi_bins bins = { 0 };
	struct seconds seconds;
	struct kpi_key key;
	int code;
	while ((code = sqlite3_step(row)) == SQLITE_ROW) {
		const int64_t minute = sqlite3_column_int64(row, START) / MINUTE_US;
		read_key(row, &key);
		if (!read_seconds(text_bytes(text_at(row, BINS)), &bins, &seconds)) {
			code = SQLITE_NOMEM;
			break;
		}
		const bool of_peers = key.view == KPI_VIEW_PEER ||
		                      (key.view == KPI_VIEW_TRUNK && *key.trunk);
		if ((key.view != KPI_VIEW_PEER &&
		     !add_to_view(groups, &key, key.view, minute, &seconds)) ||
		    (of_peers &&
		     !add_to_view(groups, &key, KPI_VIEW_PEER, minute, &seconds))) {
			code = SQLITE_NOMEM;
			break;
		}
	}
	kpi_bins_free(&bins);
	return code == SQLITE_DONE ? SQLITE_OK : code;
}

/* --- the hour ------------------------------------------------------------------------- */

static const char insert_sql[] =
        "INSERT INTO kpi_peak (step, \"view\", grouped, start, trunk, site, peer, direction, "
        "prefix, starts, in_progress, bits) "
        "VALUES ('hour', ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

static int insert_group(sqlite3_stmt *insert, int64_t start, const struct group *group)
{
	static const char *const directions[] = { "", "inbound", "outbound" };
	const char *const texts[] = { group->key.trunk, group->key.site, group->key.peer,
		                      directions[group->key.direction], group->key.prefix };
	int code = sqlite3_bind_text(insert, 1, kpi_word_of(KPI_WORD_VIEW, group->key.view),
	                             -1, SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_bind_text(insert, 2, group->grouping->name, -1,
		                         SQLITE_STATIC);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(insert, 3, start);
	for (int i = 0; code == SQLITE_OK && i < (int)ARRAY_LEN(texts); i++)
		code = sqlite3_bind_text(insert, 4 + i, texts[i], -1, SQLITE_STATIC);
	for (int i = 0; code == SQLITE_OK && i < KPI_PEAK_COUNT; i++)
		code = sqlite3_bind_int64(insert, 9 + i, group->peaks[i]);
	if (code == SQLITE_OK && (code = sqlite3_step(insert)) == SQLITE_DONE)
		code = SQLITE_OK;
	sqlite3_reset(insert);
	return code;
}

static int insert_groups(sqlite3 *db, int64_t start, const struct groups *groups)
{
	sqlite3_stmt *insert = NULL;
	int code = sqlite3_prepare_v2(db, insert_sql, -1, &insert, NULL);
	for (size_t i = 0; code == SQLITE_OK && i < groups->count; i++) {
		end_minute(groups->list[i]);
		code = insert_group(insert, start, groups->list[i]);
	}
	sqlite3_finalize(insert);
	return code;
}

int kpi_peaks_of_hour(sqlite3 *db, int64_t start, int64_t end)
{
	struct groups groups = { 0 };
	sqlite3_stmt *row = NULL;
	int code = map_init(&groups.map) == OK
	                   ? sqlite3_prepare_v2(db, minutes_sql, -1, &row, NULL)
	                   : SQLITE_NOMEM;
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(row, 1, start);
	if (code == SQLITE_OK)
		code = sqlite3_bind_int64(row, 2, end);
	if (code == SQLITE_OK)
		code = add_minutes(row, &groups);
	sqlite3_finalize(row);
	if (code == SQLITE_OK)
		code = insert_groups(db, start, &groups);
	groups_free(&groups);
	return code;
}
