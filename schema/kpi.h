/*
 * kpi.h - KPI buckets in the database: how they are added up when they are written, and the
 * answers that are made of them when they are read.
 */
#ifndef EARSHOT_SCHEMA_KPI_H
#define EARSHOT_SCHEMA_KPI_H

#include "analyzer/base/hash.h"
#include "analyzer/base/map.h"
#include "analyzer/model/kpi_definition.h"
#include "schema/kpi_request.h"
#include "schema/query.h"

struct kpi_row {
	struct kpi_key key; /* what `by` tells apart; start: of the step.  Of KPI_BY_PEER
	                       trunk and peer, of which one is empty */
	nstime end;         /* of the step; without steps, of the time asked for */
	int hour_of_week;   /* 0: Monday 0:00; -1 unless told apart */
	struct kpi_sum sum;
	nstime peaked; /* the hour or day whose peaks were added last */
	bool no_peaks; /* nobody kept them, and there are too many minutes to find them */
};

struct kpi_rows {
	/* Owned; by site, peer, trunk, direction, prefix, codec, status, time. */
	struct kpi_row *list;
	size_t count, room;
	size_t latest; /* the one that was added to last */
	struct map map;
	nstime from, to; /* the time that there is data of; NSTIME_NONE: none */
	nstime reached;  /* what is before was not looked at; NSTIME_NONE: there is nothing
	                  */
	struct kpi_zone zone;
};

/* A checked request.  Free *out in any case. */
MUST_CHECK enum status kpi_ask(struct query *query, const struct kpi_request *request,
                               struct kpi_rows *out);
void kpi_rows_free(struct kpi_rows *rows);

/* NAN: not known of a row of such a request. */
double kpi_row_value(const struct kpi_request *request,
                     const struct kpi_definition *definition, const struct kpi_row *row);

#endif
