/*
 * rules.c - what the alert rules cost: 10,000 trunks with 50 rules each, all of them with
 * calls at every tick.
 *
 *   usage: rules [SCOPES [TICKS]]; prints milliseconds of processor a tick, and what share
 * of a core that is; status 3 when it is above 2 %.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "analyzer/track/rules.h"

enum { RULES = 50, MOST_PERCENT = 2, WARM_TICKS = 30 };

static double processor_s(void)
{
	struct timespec now;
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void accept(void *self, const struct record *record)
{
	(void)record;
	++*(uint64_t *)self;
}

/* The shipped rules about trunks over and over, with thresholds that differ. */
static void fill(struct rule_list *list)
{
	static struct rule_list shipped;
	char error[RULE_ERROR_SIZE];
	rule_list_default(&shipped);
	for (size_t i = 0; list->count < RULES; i = (i + 1) % shipped.count) {
		struct rule *rule = &list->rules[list->count];
		if (shipped.rules[i].scope != SCOPE_TRUNK)
			continue;
		*rule = shipped.rules[i];
		snprintf(rule->name, sizeof rule->name, "rule_%zu", list->count);
		rule->threshold *= 1 - 0.01 * (double)list->count;
		rule->clear = rule->threshold;
		if (!rule_resolve(rule, error)) {
			fprintf(stderr, "%s\n", error);
			exit(1);
		}
		list->count++;
	}
}

static void add(struct kpi_bins *bins, enum kpi_series series, double value, int64_t n)
{
	if (kpi_bins_add(bins, series, kpi_bin_of(series, value), n) != OK)
		exit(1);
}

/* What ten seconds of a trunk add: some calls, their streams, both with histograms. */
static void feed(struct rules *rules, int scope, int tick, nstime at)
{
	struct record record = { .kind = RECORD_KPI, .at = at };
	struct kpi_bins bins = { 0 };
	uint8_t tail[256];
	uint64_t *counts = record.kpi.counts;
	record.kpi.key.view = KPI_VIEW_TRUNK;
	record.kpi.key.direction = KPI_INBOUND;
	snprintf(record.kpi.key.trunk, sizeof record.kpi.key.trunk, "trunk-%05d", scope);
	counts[KPI_SEIZURES] = counts[KPI_SEEN] = 4 + (uint64_t)((scope + tick) % 3);
	counts[KPI_ANSWERED] = counts[KPI_ENDED] = counts[KPI_JUDGED] = 3;
	counts[KPI_DELIVERED] = counts[KPI_SEIZURES];
	counts[KPI_MESSAGES] = 8 * counts[KPI_SEIZURES];
	counts[KPI_STREAMS] = 6;
	counts[KPI_EXPECTED] = 30000;
	counts[KPI_LOST] = 10;
	for (int i = 0; i < 3; i++) {
		add(&bins, KPI_PDD, 300 + 400 * ((scope + tick + i) % 6), 1);
		add(&bins, KPI_MOS_NB, 4.2 + 0.02 * ((scope + tick + i) % 8), 2);
		add(&bins, KPI_JITTER, 2 + (scope + tick + i) % 6, 2);
	}
	record.tail = (struct span){ tail, kpi_bins_encode(&bins, tail) };
	rules_record(rules, &record);
	kpi_bins_free(&bins);
}

int main(int argc, char **argv)
{
	const int scopes = argc > 1 ? (int)strtol(argv[1], NULL, 10) : 10000;
	const int ticks = argc > 2 ? (int)strtol(argv[2], NULL, 10) : 60;
	static struct rule_list list;
	uint64_t alerts = 0;
	const struct sink sink = { accept, &alerts };
	struct rules_settings settings = rules_settings_default();
	struct rules *rules;
	double begun = 0;
	fill(&list);
	settings.rules = &list;
	settings.scopes = (size_t)scopes;
	if (rules_new(&settings, &sink, &rules) != OK)
		return 1;
	for (int tick = 0; tick < WARM_TICKS + ticks; tick++) {
		const nstime at =
		        1767225600 * NS_PER_SEC + tick * RULE_TICK + 5 * NS_PER_SEC;
		if (tick == WARM_TICKS)
			begun = processor_s();
		for (int scope = 0; scope < scopes; scope++)
			feed(rules, scope, tick, at);
	}
	rules_finish(rules);
	const double each_s = (processor_s() - begun) / ticks;
	const double percent = 100 * each_s / KPI_TICK_S;
	struct rusage usage;
	getrusage(RUSAGE_SELF, &usage);
	printf("  %d scopes x %d rules: %.0f ms a tick of %d s, %.2f %% of a core; %ld MiB, "
	       "%llu alerts\n",
	       scopes, RULES, each_s * 1000, KPI_TICK_S, percent, usage.ru_maxrss / 1024,
	       (unsigned long long)alerts);
	rules_free(rules);
	return percent > MOST_PERCENT ? 3 : 0;
}
