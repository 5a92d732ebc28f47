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

/* What the statements that write buckets call, made known to this connection. */
MUST_CHECK enum status kpi_functions(sqlite3 *db);

struct kpi_row {
	struct kpi_key key; /* what `by` tells apart; start: of the step.  Of KPI_BY_PEER
	                       trunk and peer, of which one is empty */
	nstime end;         /* of the step; without steps, of the time asked for */
	int hour_of_week;   /* 0: Monday 0:00; -1 unless told apart */
	struct kpi_sum sum;
	nstime peaked; /* the hour or day whose peaks were added last */
};

struct kpi_rows {
	/* Owned; by site, peer, trunk, direction, prefix, codec, status, time. */
	struct kpi_row *list;
	size_t count, room;
	struct map map;
	nstime from, to; /* the time that there is data of; NSTIME_NONE: none */
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
