#include "analyzer/track/loss_population.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analyzer/quality/loss_odds.h"

enum {
	MOST_CELLS = LOSS_WINDOW * LOSS_PATHS,
	MOST_ELEMENTS = LOSS_WINDOW_PATHS * LOSS_ELEMENTS_OF_PATH,
	PATH_SLOTS = 2048, /* powers of two, above 4/3 of what they hold */
	ELEMENT_SLOTS = 32768,
	NONE = UINT16_MAX,
};
static_assert(MOST_ELEMENTS < NONE && MOST_ELEMENTS < ELEMENT_SLOTS * 3 / 4,
              "elements have numbers of 16 bits");

/*
 * Chances, in nats.  A fault is found by mistake in one window of 1,800, whatever the
 * number of elements; that all lose alike is believed only up to one chance in 150 that
 * they do not.
 */
static const double FAULT_NATS = 7.5, ALIKE_NATS = 5.0, ALIKE_SIGMAS = 3.5;
/*
 * One rate for all against one for each link: so much must speak for the one, and more for
 * each fault that had to be taken out before.
 */
static const double ONE_RATE_NATS = 2.5, FAULT_COST_NATS = 2;
/* Runs of losses: fewer are no sample. */
static const double LEAST_FAULT = 5, LEAST_ALL = 20, LEAST_BESIDE = 6, LEAST_BACK = 5;
/* Reports of receivers about other streams: so much for, so much against the capture. */
static const double LEAST_UNCONFIRMED = 5, LEAST_CONFIRMED = 10;
/* The interval's own rate is mixed with the window's, as if of that many packets. */
static const double PRIOR_PACKETS = 1000;
/* A count of drops that explains so much of the floor is taken to explain all. */
static const double NEARLY_ALL = 0.6;

struct window_path {
	struct loss_ends ends;
	uint16_t elements[LOSS_ELEMENTS_OF_PATH];
	bool out; /* touches a fault that was found */
	struct loss_far far;
	double lost, gaps, share;
};

struct element {
	uint64_t name;
	enum loss_element_kind kind;
	double lost, gaps, share; /* share: what it would have lost if all lost alike */
	double ways[2];           /* of a pair of sites: gaps in each direction */
};

struct cell {
	uint16_t path;
	uint8_t interval;
	struct loss_counts counts;
};

struct slice {
	double expected, lost;
	uint16_t common[2]; /* sites that every path touches, or NONE */
	bool seen;
};

struct loss_population {
	uint32_t paths, cells, elements;
	struct slice slices[LOSS_WINDOW];
	struct window_path path[LOSS_WINDOW_PATHS];
	struct cell cell[MOST_CELLS];
	struct element element[MOST_ELEMENTS];
	uint16_t path_slot[PATH_SLOTS];       /* number + 1 */
	uint16_t element_slot[ELEMENT_SLOTS]; /* number + 1 */
};

enum status loss_population_new(struct loss_population **out)
{
	*out = calloc(1, sizeof **out);
	return *out ? OK : ERR_NOMEM;
}

void loss_population_free(struct loss_population *p)
{
	free(p);
}

void loss_population_clear(struct loss_population *p)
{
	p->paths = p->cells = p->elements = 0;
	memset(p->path_slot, 0, sizeof p->path_slot);
	memset(p->element_slot, 0, sizeof p->element_slot);
}

/* --- what a path consists of ---------------------------------------------------------- */

static uint16_t find_element(struct loss_population *p, uint64_t name,
                             enum loss_element_kind kind)
{
	uint32_t at = (uint32_t)name & (ELEMENT_SLOTS - 1);
	for (; p->element_slot[at]; at = (at + 1) & (ELEMENT_SLOTS - 1))
		if (p->element[p->element_slot[at] - 1].name == name)
			return (uint16_t)(p->element_slot[at] - 1);
	p->element[p->elements] = (struct element){ .name = name, .kind = kind };
	p->element_slot[at] = (uint16_t)++p->elements;
	return (uint16_t)(p->elements - 1);
}

static uint16_t new_path(struct loss_population *p, const struct loss_ends *ends)
{
	uint64_t names[LOSS_ELEMENTS_OF_PATH];
	struct window_path *path = &p->path[p->paths];
	*path = (struct window_path){ .ends = *ends };
	loss_element_names(ends, names);
	for (int i = 0; i < LOSS_ELEMENTS_OF_PATH; i++)
		path->elements[i] =
		        names[i] ? find_element(p, names[i], loss_element_kinds[i]) : NONE;
	return (uint16_t)p->paths++;
}

static uint16_t find_path(struct loss_population *p, const struct loss_ends *ends)
{
	uint32_t at = (uint32_t)loss_mix(ends->host[0], ends->host[1]) & (PATH_SLOTS - 1);
	for (; p->path_slot[at]; at = (at + 1) & (PATH_SLOTS - 1)) {
		const struct loss_ends *other = &p->path[p->path_slot[at] - 1].ends;
		if (other->host[0] == ends->host[0] && other->host[1] == ends->host[1])
			return (uint16_t)(p->path_slot[at] - 1);
	}
	if (p->paths == LOSS_WINDOW_PATHS)
		return NONE;
	const uint16_t number = new_path(p, ends);
	p->path_slot[at] = (uint16_t)(number + 1);
	return number;
}

void loss_population_add(struct loss_population *p, unsigned int interval,
                         const struct loss_path *path)
{
	if (p->cells == MOST_CELLS || interval >= LOSS_WINDOW)
		return;
	const uint16_t number = find_path(p, &path->ends);
	if (number == NONE)
		return;
	loss_far_sum(&p->path[number].far, &path->far);
	p->cell[p->cells++] = (struct cell){ number, (uint8_t)interval, path->counts };
}

/* --- shares: what each would have lost if all lost alike ------------------------------ */

static void sum_slices(struct loss_population *p)
{
	memset(p->slices, 0, sizeof p->slices);
	for (uint32_t i = 0; i < p->cells; i++) {
		const struct cell *cell = &p->cell[i];
		if (p->path[cell->path].out)
			continue;
		p->slices[cell->interval].expected += (double)cell->counts.expected;
		p->slices[cell->interval].lost += (double)cell->counts.lost;
	}
}

static void sum_paths(struct loss_population *p)
{
	for (uint32_t i = 0; i < p->paths; i++)
		p->path[i].lost = p->path[i].gaps = p->path[i].share = 0;
	for (uint32_t i = 0; i < p->cells; i++) {
		const struct cell *cell = &p->cell[i];
		const struct slice *slice = &p->slices[cell->interval];
		struct window_path *path = &p->path[cell->path];
		if (path->out || slice->expected <= 0)
			continue;
		path->lost += (double)cell->counts.lost;
		path->gaps += (double)cell->counts.gaps;
		path->share +=
		        (double)cell->counts.expected * slice->lost / slice->expected;
	}
}

/* The paths that are not out, and all of them together. */
static struct element sum_elements(struct loss_population *p)
{
	struct element all = { 0 };
	for (uint32_t i = 0; i < p->elements; i++)
		p->element[i].lost = p->element[i].gaps = p->element[i].share = 0;
	for (uint32_t i = 0; i < p->paths; i++) {
		const struct window_path *path = &p->path[i];
		if (path->out)
			continue;
		for (int j = 0; j < LOSS_ELEMENTS_OF_PATH; j++) {
			if (path->elements[j] == NONE)
				continue;
			struct element *e = &p->element[path->elements[j]];
			e->lost += path->lost;
			e->gaps += path->gaps;
			e->share += path->share;
		}
		all.lost += path->lost;
		all.gaps += path->gaps;
		all.share += path->share;
	}
	return all;
}

static struct element share_out(struct loss_population *p)
{
	sum_slices(p);
	sum_paths(p);
	return sum_elements(p);
}

static double run_of(const struct element *e)
{
	return e->gaps > 0 ? fmax(1, e->lost / e->gaps) : 1;
}

/* In nats; runs count for less than their packets. */
static double surprise(const struct element *e, const struct element *all)
{
	return loss_odds_surprise(e->lost, e->share, all->lost) /
	       sqrt(run_of(e->lost > e->share ? e : all));
}

/* --- faults --------------------------------------------------------------------------- */

static unsigned int count_pairs(const struct loss_population *p)
{
	unsigned int pairs = 0;
	for (uint32_t i = 0; i < p->elements; i++)
		pairs += p->element[i].kind == LOSS_PAIR;
	return pairs;
}

/* The element that stands out most, beyond chance; NONE if none does. */
static uint16_t find_fault(const struct loss_population *p, const struct element *all)
{
	double most = FAULT_NATS + log((double)p->elements + 1);
	uint16_t found = NONE;
	for (uint32_t i = 0; i < p->elements; i++) {
		const struct element *e = &p->element[i];
		if (e->lost < LEAST_FAULT || e->lost <= e->share)
			continue;
		/* By a hair more is no more: then the narrower one. */
		const double nats = surprise(e, all);
		if (nats > most * (1 + 1e-9)) {
			most = nats;
			found = (uint16_t)i;
		}
	}
	return found;
}

static void take_out(struct loss_population *p, uint16_t fault)
{
	for (uint32_t i = 0; i < p->paths; i++)
		for (int j = 0; j < LOSS_ELEMENTS_OF_PATH; j++)
			if (p->path[i].elements[j] == fault)
				p->path[i].out = true;
}

/* Leaves what is not at fault, and its sum. */
static struct element find_faults(struct loss_population *p, struct loss_opinion *opinion)
{
	struct element all = share_out(p);
	/* Two directions of one pair tell nothing of others: one of two taps may drop. */
	if (count_pairs(p) < 2)
		return all;
	while (opinion->faults < LOSS_FAULTS) {
		const uint16_t fault = find_fault(p, &all);
		if (fault == NONE)
			break;
		opinion->fault[opinion->faults++] = p->element[fault].name;
		take_out(p, fault);
		all = share_out(p);
	}
	return all;
}

bool loss_opinion_blames(const struct loss_opinion *opinion, const struct loss_ends *ends)
{
	uint64_t names[LOSS_ELEMENTS_OF_PATH];
	if (opinion->faults == 0)
		return false;
	loss_element_names(ends, names);
	for (unsigned int i = 0; i < opinion->faults; i++)
		for (int j = 0; j < LOSS_ELEMENTS_OF_PATH; j++)
			if (opinion->fault[i] == names[j])
				return true;
	return false;
}

/* --- the floor ------------------------------------------------------------------------ */

/* Nothing stands out, and the paths scatter no more than chance has it (Pearson). */
static bool all_alike(const struct loss_population *p, const struct element *all)
{
	const double most = ALIKE_NATS + log((double)p->elements + 1);
	double squares = 0, variance = 0, paths = 0;
	for (uint32_t i = 0; i < p->elements; i++) {
		const struct element *e = &p->element[i];
		if (e->share <= 0)
			continue;
		if (surprise(e, all) > most)
			return false;
		if (e->kind != LOSS_PATH)
			continue;
		squares += (e->lost - e->share) * (e->lost - e->share) / e->share;
		variance += 2 + 1 / e->share;
		paths++;
	}
	return squares / run_of(all) - paths <= ALIKE_SIGMAS * sqrt(variance);
}

/* The logarithm of Bayes' factor for one rate, links being elements of that kind. */
static double favours_one_rate(const struct loss_population *p, const struct element *all,
                               enum loss_element_kind kind)
{
	const double run = run_of(all);
	double nats = -loss_odds_known_rate(all->lost / run, all->lost / run);
	for (uint32_t i = 0; i < p->elements; i++) {
		const struct element *e = &p->element[i];
		if (e->kind == kind && e->share > 0)
			nats += loss_odds_known_rate(e->lost / run, e->share / run);
	}
	return nats;
}

static bool have_one_rate(const struct loss_population *p, const struct element *all,
                          unsigned int faults)
{
	const double least = ONE_RATE_NATS + FAULT_COST_NATS * faults;
	return favours_one_rate(p, all, LOSS_LINK) >= least &&
	       favours_one_rate(p, all, LOSS_LINK_BOTH) >= least;
}

static void meet(struct slice *slice, uint16_t one, uint16_t other)
{
	for (int i = 0; i < 2; i++)
		if (slice->common[i] != one && slice->common[i] != other)
			slice->common[i] = NONE;
}

/* Which sites does every path of an interval touch?  None: the interval is a witness. */
static void find_common_sites(struct loss_population *p)
{
	for (uint32_t i = 0; i < p->cells; i++) {
		const struct window_path *path = &p->path[p->cell[i].path];
		struct slice *slice = &p->slices[p->cell[i].interval];
		const uint16_t one = path->elements[LOSS_FIRST_SITE];
		const uint16_t other = path->elements[LOSS_FIRST_SITE + 1];
		if (path->out)
			continue;
		if (slice->seen) {
			meet(slice, one, other);
			continue;
		}
		slice->common[0] = one;
		slice->common[1] = other;
		slice->seen = true;
	}
}

static bool is_broad(const struct slice *slice)
{
	return slice->seen && slice->common[0] == NONE && slice->common[1] == NONE;
}

/* Gaps: all, those of the site with most, those of the better direction of each pair. */
struct breadth {
	double all, site, back;
};

/* Takes only those intervals in which no site has its hand in everything, if so asked. */
static struct breadth find_breadth(struct loss_population *p, bool only_broad)
{
	struct breadth breadth = { 0 };
	for (uint32_t i = 0; i < p->elements; i++)
		p->element[i].gaps = p->element[i].ways[0] = p->element[i].ways[1] = 0;
	for (uint32_t i = 0; i < p->cells; i++) {
		const struct cell *cell = &p->cell[i];
		const struct window_path *path = &p->path[cell->path];
		const double gaps = (double)cell->counts.gaps;
		if (path->out || (only_broad && !is_broad(&p->slices[cell->interval])))
			continue;
		breadth.all += gaps;
		for (int j = LOSS_FIRST_SITE; j < LOSS_ELEMENTS_OF_PATH; j++)
			if (path->elements[j] != NONE)
				p->element[path->elements[j]].gaps += gaps;
		const bool way = path->ends.site[0] < path->ends.site[1];
		if (path->ends.site[0] != path->ends.site[1])
			p->element[path->elements[LOSS_LINK_BOTH]].ways[way] += gaps;
	}
	for (uint32_t i = 0; i < p->elements; i++) {
		const struct element *e = &p->element[i];
		if (e->kind == LOSS_SITE)
			breadth.site = fmax(breadth.site, e->gaps);
		breadth.back += fmin(e->ways[0], e->ways[1]);
	}
	return breadth;
}

/* Do so many lose, in so many places and directions, that only the capture is left? */
static bool is_everywhere(struct loss_population *p, const struct loss_hints *hints)
{
	find_common_sites(p);
	const struct breadth broad = find_breadth(p, true);
	if (broad.all >= LEAST_ALL && broad.all - broad.site >= LEAST_BESIDE &&
	    broad.back >= LEAST_BACK)
		return true;
	/* All through one hub: its link may be at fault, in both directions alike, but for
	 * other signs of a capture that loses. */
	if (!(hints->tcp_gaps || hints->dropped) || count_pairs(p) < 3)
		return false;
	const struct breadth any = find_breadth(p, false);
	return any.all >= LEAST_ALL && any.back >= LEAST_BACK;
}

static double nearly_all(double share)
{
	return share >= NEARLY_ALL ? 1 : share;
}

static double drop_rate(const struct loss_hints *hints)
{
	const double dropped = (double)hints->dropped;
	return dropped > 0 ? dropped / ((double)hints->seen + dropped) : 0;
}

/*
 * What receivers say of the floor.  One that denies a loss which the path has and others do
 * not proves nothing about the capture; one that confirms it, anywhere, does.
 */
static bool judge_by_receivers(const struct loss_population *p, double rate,
                               struct loss_opinion *opinion)
{
	struct loss_far all = { 0 }, floor = { 0 };
	for (uint32_t i = 0; i < p->paths; i++) {
		loss_far_sum(&all, &p->path[i].far);
		if (!p->path[i].out)
			loss_far_sum(&floor, &p->path[i].far);
	}
	if (loss_far_accuses(&floor) && (double)floor.unconfirmed >= LEAST_UNCONFIRMED) {
		const double lost = (double)floor.unconfirmed;
		opinion->capture = nearly_all(lost / (double)floor.expected / rate);
		return true;
	}
	if (!loss_far_acquits(&all) || (double)all.expected * rate < LEAST_CONFIRMED)
		return false;
	opinion->network = 1;
	return true;
}

static void judge_floor(struct loss_population *p, const struct element *all, double rate,
                        const struct loss_hints *hints, struct loss_opinion *opinion)
{
	if (judge_by_receivers(p, rate, opinion))
		return;
	if (all_alike(p, all) && have_one_rate(p, all, opinion->faults) &&
	    is_everywhere(p, hints))
		opinion->capture = 1;
	else if (drop_rate(hints) > 0)
		opinion->capture = nearly_all(drop_rate(hints) / rate);
}

struct loss_opinion loss_population_judge(struct loss_population *p, unsigned int interval,
                                          const struct loss_hints *hints)
{
	struct loss_opinion opinion = { .run = 1 };
	double lost = 0, expected = 0;
	for (uint32_t i = 0; i < p->cells; i++)
		lost += (double)p->cell[i].counts.lost;
	const struct element all = find_faults(p, &opinion);
	for (int i = 0; i < LOSS_WINDOW; i++)
		expected += p->slices[i].expected;
	opinion.drops_explain =
	        hints->dropped && (double)hints->dropped >= (lost - all.lost) / 2;
	if (all.lost <= 0 || interval >= LOSS_WINDOW)
		return opinion;
	const double rate = all.lost / expected;
	const struct slice *here = &p->slices[interval];
	opinion.rate =
	        (here->lost + rate * PRIOR_PACKETS) / (here->expected + PRIOR_PACKETS);
	opinion.run = run_of(&all);
	judge_floor(p, &all, rate, hints, &opinion);
	return opinion;
}
