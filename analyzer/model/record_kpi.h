/*
 * record_kpi.h - what a minute adds to one bucket of key performance indicators.
 *
 * A bucket may leave several times, as legs that began in its minute end: each record is
 * what came since the last, and they are added up (model/kpi.h).  The tail is the bins.
 */
#ifndef EARSHOT_MODEL_RECORD_KPI_H
#define EARSHOT_MODEL_RECORD_KPI_H

#include "analyzer/model/kpi.h"
#include "analyzer/model/record_base.h"

/* Room for a name, its NUL included. */
enum { KPI_TRUNK = 64, KPI_PREFIX = 32, KPI_PEER = 46 };

/* The peers of no trunk that come beyond limits.kpi_peers, all together. */
#define KPI_PEER_REST "other"

/* What is counted.  Never add one view to another: they are of the same things. */
enum kpi_view {
	KPI_VIEW_NONE,
	KPI_VIEW_LEG,   /* each leg and stream once, whatever its trunks */
	KPI_VIEW_TRUNK, /* a trunk's: each leg and stream at either end's trunk */
	KPI_VIEW_CALL,  /* the caller's: each call once, whatever its legs */
	/*
	 * A peer's: each leg and stream at both of its ends, whoever that is.  Buckets of
	 * this view are those of ends of no trunk alone: the others are in the trunk's
	 * view.
	 */
	KPI_VIEW_PEER,
	KPI_VIEW_COUNT
};

/* As the trunk sees it. */
enum kpi_direction {
	KPI_DIRECTION_NONE,
	KPI_INBOUND,  /* from the trunk */
	KPI_OUTBOUND, /* to it */
	KPI_DIRECTION_COUNT
};

/*
 * The bucket.  Codec and status are only known when all is over: what is in progress by
 * the second has neither.
 */
struct kpi_key {
	nstime start; /* of the minute, UTC */
	enum kpi_view view;
	enum kpi_direction direction;
	char trunk[KPI_TRUNK]; /* empty: none is known */
	char site[KPI_TRUNK];  /* of the trunk; empty: none is said */
	char peer[KPI_PEER]; /* address of an end of no trunk, or KPI_PEER_REST; empty: none
	                      */
	char prefix[KPI_PREFIX]; /* label of the called number; empty: none */
	enum codec codec;        /* first used */
	uint64_t status;         /* final SIP code, 0 = none */
};

struct kpi_record {
	uint64_t id;
	struct kpi_key key;
	uint64_t counts[KPI_COUNT_COUNT];
};

#endif
