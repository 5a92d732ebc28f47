#include "analyzer/track/loss_witness.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum {
	SLOTS = 2 * LOSS_PATHS, /* of a table's index */
	HALF_WINDOW = LOSS_WINDOW / 2,
	/* Intervals after which one is decided for good: its window is over, and streams
	 * had two more to report. */
	SETTLED_AFTER = HALF_WINDOW + 3,
	/* An open decision is made anew when the window has grown by such a part. */
	FRESH_PART = 16,
};
static_assert(HALF_WINDOW + SETTLED_AFTER <= LOSS_TABLES, "a window needs its tables");

struct loss_table {
	int64_t interval;
	uint64_t samples;
	uint32_t paths;
	bool used;
	struct loss_hints hints;
	struct loss_path path[LOSS_PATHS];
	uint64_t pair[LOSS_PATHS]; /* hash of both addresses, whatever the direction */
	uint16_t slot[SLOTS];      /* number + 1 */
};

struct loss_decision {
	int64_t interval;
	uint64_t at;     /* samples taken when it was made, */
	uint64_t window; /* and those of its window among them */
	bool made, settled;
	struct loss_opinion opinion;
};

enum status loss_witness_init(struct loss_witness *w, const struct hash_key *key,
                              nstime length)
{
	*w = (struct loss_witness){ .key = *key, .length = length, .newest = INT64_MIN };
	w->sample_below = UINT64_MAX;
	w->tables = calloc(LOSS_TABLES, sizeof *w->tables);
	w->history = calloc(LOSS_HISTORY, sizeof *w->history);
	if (w->tables && w->history && loss_population_new(&w->population) == OK)
		return OK;
	loss_witness_free(w);
	return ERR_NOMEM;
}

void loss_witness_free(struct loss_witness *w)
{
	free(w->tables);
	free(w->history);
	loss_population_free(w->population);
	*w = (struct loss_witness){ 0 };
}

/* --- time ----------------------------------------------------------------------------- */

static int64_t interval_of(const struct loss_witness *w, nstime at)
{
	return at / w->length - (at % w->length < 0);
}

static struct loss_table *table_slot(const struct loss_witness *w, int64_t interval)
{
	return &w->tables[(uint64_t)interval & (LOSS_TABLES - 1)];
}

static struct loss_table *find_table(const struct loss_witness *w, int64_t interval)
{
	struct loss_table *table = table_slot(w, interval);
	return table->used && table->interval == interval ? table : NULL;
}

static struct loss_decision *decision_slot(const struct loss_witness *w, int64_t interval)
{
	return &w->history[(uint64_t)interval & (LOSS_HISTORY - 1)];
}

/* --- decisions ------------------------------------------------------------------------ */

static void add_hints(struct loss_hints *hints, const struct loss_hints *more)
{
	hints->seen += more->seen;
	hints->dropped += more->dropped;
	hints->tcp_gaps |= more->tcp_gaps;
}

static void add_table(struct loss_population *population, unsigned int at,
                      const struct loss_table *table)
{
	for (uint32_t i = 0; i < table->paths; i++)
		loss_population_add(population, at, &table->path[i]);
}

static void decide(struct loss_witness *w, int64_t interval, struct loss_decision *decision)
{
	struct loss_hints hints = { 0 };
	*decision = (struct loss_decision){ .interval = interval, .made = true };
	decision->at = w->counters.samples;
	loss_population_clear(w->population);
	for (int i = 0; i < LOSS_WINDOW; i++) {
		const struct loss_table *table = find_table(w, interval + i - HALF_WINDOW);
		if (!table)
			continue;
		add_table(w->population, (unsigned int)i, table);
		add_hints(&hints, &table->hints);
		decision->window += table->samples;
	}
	if (!hints.dropped) {
		hints.seen = w->run.seen;
		hints.dropped = w->run.dropped;
	}
	decision->opinion = loss_population_judge(w->population, HALF_WINDOW, &hints);
}

static bool is_fresh(const struct loss_witness *w, const struct loss_decision *decision)
{
	const uint64_t since = w->counters.samples - decision->at;
	return since == 0 || since * FRESH_PART < decision->window;
}

/* NULL: too old, or nothing was reported then. */
static const struct loss_opinion *opinion_of(struct loss_witness *w, int64_t interval)
{
	struct loss_decision *decision = decision_slot(w, interval);
	const bool is_mine = decision->made && decision->interval == interval;
	if (is_mine && (decision->settled || is_fresh(w, decision)))
		return &decision->opinion;
	if (!find_table(w, interval))
		return NULL;
	decide(w, interval, decision);
	return &decision->opinion;
}

static void settle(struct loss_witness *w, int64_t interval)
{
	if (!find_table(w, interval))
		return;
	struct loss_decision *decision = decision_slot(w, interval);
	decide(w, interval, decision);
	decision->settled = true;
}

/* `interval` begins.  What will lose tables of its window is decided before. */
static void advance(struct loss_witness *w, int64_t interval)
{
	if (w->newest != INT64_MIN) {
		const int64_t last = interval - SETTLED_AFTER;
		for (int64_t i = w->newest - SETTLED_AFTER + 1; i <= w->newest && i <= last;
		     i++)
			settle(w, i);
	}
	w->newest = interval;
}

/* The table of that interval, made if need be; NULL: it is too old. */
static struct loss_table *open_table(struct loss_witness *w, int64_t interval)
{
	if (interval > w->newest)
		advance(w, interval);
	if (interval <= w->newest - LOSS_TABLES)
		return NULL;
	struct loss_table *table = table_slot(w, interval);
	if (table->used && table->interval == interval)
		return table;
	/* Fewer paths than before: more of them may be kept again. */
	if (table->used && table->paths < LOSS_PATHS / 4)
		w->sample_below = w->sample_below * 2 | 1;
	memset(table->slot, 0, sizeof table->slot);
	table->interval = interval;
	table->samples = 0;
	table->paths = 0;
	table->hints = (struct loss_hints){ 0 };
	table->used = true;
	return table;
}

/* --- paths ---------------------------------------------------------------------------- */

/* Few addresses are those of nearly all streams: their hashes are remembered. */
static const struct loss_host *host_of(struct loss_witness *w,
                                       const struct address *address)
{
	uint32_t last;
	memcpy(&last, address->bytes + sizeof address->bytes - sizeof last, sizeof last);
	struct loss_host *host =
	        &w->hosts[(last * UINT32_C(0x9e3779b1)) >> (32 - LOSS_HOST_BITS)];
	if (host->known && address_equal(&host->address, address))
		return host;
	/* A site: 24 bits of an IPv4 address, 64 of an IPv6 one. */
	const size_t prefix = address_is_ipv4(address) ? 15 : 8;
	*host = (struct loss_host){
		.known = true,
		.address = *address,
		.host = hash_bytes(&w->key, address->bytes, 16),
		.site = hash_bytes(&w->key, address->bytes, prefix),
	};
	return host;
}

static struct loss_ends ends_of(struct loss_witness *w, const struct loss_sample *sample)
{
	struct loss_ends ends;
	const struct address *addresses[2] = { sample->src, sample->dst };
	for (int i = 0; i < 2; i++) {
		const struct loss_host *host = host_of(w, addresses[i]);
		ends.host[i] = host->host;
		ends.site[i] = host->site;
	}
	return ends;
}

static uint16_t *find_slot(struct loss_table *table, const uint64_t host[2])
{
	uint32_t at = (uint32_t)loss_mix(host[0], host[1]) & (SLOTS - 1);
	for (; table->slot[at]; at = (at + 1) & (SLOTS - 1)) {
		const uint64_t *other = table->path[table->slot[at] - 1].ends.host;
		if (other[0] == host[0] && other[1] == host[1])
			break;
	}
	return &table->slot[at];
}

/* The table is full: about half of the paths stay. */
static void thin_out(struct loss_witness *w, struct loss_table *table)
{
	uint32_t kept = 0;
	w->sample_below /= 2;
	memset(table->slot, 0, sizeof table->slot);
	for (uint32_t i = 0; i < table->paths; i++) {
		if (table->pair[i] > w->sample_below)
			continue;
		table->path[kept] = table->path[i];
		table->pair[kept] = table->pair[i];
		*find_slot(table, table->path[kept].ends.host) = (uint16_t)(kept + 1);
		kept++;
	}
	table->paths = kept;
}

static struct loss_path *find_path(struct loss_witness *w, struct loss_table *table,
                                   const struct loss_ends *ends)
{
	const uint64_t pair = loss_mix(ends->host[0] ^ ends->host[1], 0);
	uint16_t *slot = find_slot(table, ends->host);
	if (*slot)
		return &table->path[*slot - 1];
	while (table->paths == LOSS_PATHS && pair <= w->sample_below)
		thin_out(w, table);
	if (pair > w->sample_below)
		return NULL;
	const uint32_t number = table->paths++;
	*find_slot(table, ends->host) = (uint16_t)(number + 1);
	table->pair[number] = pair;
	table->path[number] = (struct loss_path){ .ends = *ends };
	return &table->path[number];
}

/* --- what streams and the capture say ------------------------------------------------- */

void loss_witness_add(struct loss_witness *w, const struct loss_sample *sample)
{
	struct loss_table *table = open_table(w, interval_of(w, sample->at));
	if (!table) {
		w->counters.late++;
		return;
	}
	const struct loss_ends ends = ends_of(w, sample);
	struct loss_path *path = find_path(w, table, &ends);
	if (!path) {
		w->counters.left_out++;
		return;
	}
	w->counters.samples++;
	table->samples++;
	path->counts.expected += sample->counts.expected;
	path->counts.lost += sample->counts.lost;
	path->counts.gaps += sample->counts.gaps;
	loss_far_sum(&path->far, &sample->far);
}

void loss_witness_drops(struct loss_witness *w, nstime at, uint64_t seen, uint64_t dropped)
{
	const struct loss_hints hints = { .seen = seen, .dropped = dropped };
	struct loss_table *table =
	        at == NSTIME_NONE ? NULL : open_table(w, interval_of(w, at));
	add_hints(table ? &table->hints : &w->run, &hints);
}

void loss_witness_tcp_gap(struct loss_witness *w, nstime at)
{
	struct loss_table *table = open_table(w, interval_of(w, at));
	if (table)
		table->hints.tcp_gaps = true;
}

/* --- answers -------------------------------------------------------------------------- */

/* What the opinion says of one interval: how much of it is the floor, and whose that is. */
static void judge_by_others(const struct loss_sample *sample,
                            const struct loss_opinion *opinion, bool is_blamed,
                            struct loss_shares *shares)
{
	const double lost = (double)sample->counts.lost;
	const double fair = (double)sample->counts.expected * opinion->rate;
	/* Where nothing else is known, as much above the floor as chance may have put
	 * there. */
	const double chance = 5 + 5 * sqrt(fair * (2 * opinion->run - 1));
	const double floor = is_blamed || lost > fair + chance ? fmin(lost, fair) : lost;
	shares->capture = floor * opinion->capture;
	shares->network = floor * opinion->network;
	if (is_blamed && !opinion->drops_explain)
		shares->network += lost - floor;
}

/*
 * The receiver of this very stream knows best.  Only where it denies what others do not
 * have at all, nothing is known: its reports may be wrong, or the capture drops by flow.
 */
static void judge_by_receiver(const struct loss_sample *sample, bool is_blamed,
                              struct loss_shares *shares)
{
	const struct loss_far *far = &sample->far;
	const double lost = (double)sample->counts.lost;
	const double denied = lost * (double)far->unconfirmed / (double)far->ours;
	if (loss_far_acquits(far)) {
		*shares = (struct loss_shares){ .network = lost };
	} else if (loss_far_accuses(far)) {
		shares->capture = is_blamed ? fmin(shares->capture, denied) : denied;
		/* What seems confirmed may be two losses that happened to be as many. */
		shares->network = loss_far_hides(far) ? 0 : lost - denied;
	}
}

struct loss_shares loss_witness_judge(struct loss_witness *w,
                                      const struct loss_sample *sample)
{
	static const struct loss_opinion none = { .run = 1 };
	struct loss_shares shares = { 0 };
	if (sample->counts.lost == 0)
		return shares;
	const struct loss_opinion *opinion = opinion_of(w, interval_of(w, sample->at));
	if (!opinion) {
		w->counters.forgotten++;
		opinion = &none;
	}
	bool is_blamed = false;
	if (opinion->faults > 0) {
		const struct loss_ends ends = ends_of(w, sample);
		is_blamed = loss_opinion_blames(opinion, &ends);
	}
	if (opinion != &none)
		judge_by_others(sample, opinion, is_blamed, &shares);
	judge_by_receiver(sample, is_blamed, &shares);
	shares.unknown =
	        fmax(0, (double)sample->counts.lost - shares.network - shares.capture);
	return shares;
}

enum loss_verdict loss_shares_verdict(const struct loss_shares *shares)
{
	const double half = (shares->network + shares->capture + shares->unknown) / 2;
	if (half <= 0)
		return LOSS_NONE;
	if (shares->network > half)
		return LOSS_NETWORK;
	return shares->capture > half ? LOSS_CAPTURE : LOSS_UNKNOWN;
}
