/*
 * config.h - the configuration file: YAML in, what the program obeys out.
 *
 * Every key may be left out; the keys, what they may be and what they mean stand in
 * config_table.c alone.  The file is the operator's: errors are for people, and name the
 * file, the line, the key and what it may be.
 */
#ifndef EARSHOT_PROBE_CONFIG_H
#define EARSHOT_PROBE_CONFIG_H

#include <stdio.h>

#include "analyzer/model/limits.h"
#include "analyzer/model/number.h"
#include "analyzer/model/trunk.h"
#include "analyzer/track/rules.h"
#include "probe/config_capture.h"
#include "probe/notify.h"
#include "schema/retention.h"
#include "schema/sla.h"
#include "web/auth.h"
#include "web/server.h"

enum { CONFIG_NAME = 64, CONFIG_PATH = 512, CONFIG_NETS_PER_TRUNK = 256 };

/* The API and the pages; web/server.h, web/auth.h. */
struct web_config {
	struct endpoint listen[SERVER_LISTEN_MAX];
	size_t listen_count;
	/* Paths; "" = none. */
	char certificate[CONFIG_PATH], key[CONFIG_PATH], access_log[CONFIG_PATH];
	enum auth_masking masking;
	bool login; /* who is on this machine needs an account, too */
};

struct config {
	struct settings settings; /* borrows trunks, numbers and local_time */
	/* Of the interfaces that have one; their labels are in settings.points. */
	struct interface_points points;
	struct interface_point point_list[LIVE_INTERFACES];
	struct limits
	        own_limits; /* caps of one's own; 0: what settings.memory_cap allows */
	char site[CONFIG_NAME], point[CONFIG_NAME], time_zone[CONFIG_NAME];
	struct {
		double keep_days[RETENTION_CLASS_COUNT], least_days; /* 0 = for ever */
		uint32_t most_mib[RETENTION_CLASS_COUNT];            /* 0 = any */
		uint32_t spill_mib, free_mib, free_pct;
	} store;
	struct web_config web;
	struct sla_settings sla; /* its names are not filled in: config_sla_settings */
	bool ndpi;               /* flows of other applications are told apart */
	struct capture_config capture;
	struct hep_access hep; /* who may tell by HEP */
	struct trunks *trunks; /* owned; NULL = none */
	struct number_plan numbers;
	struct local_time local_time;  /* of time_zone */
	bool zone_unread;              /* it stays as it is: who reads may open no file */
	struct rule_list rules;        /* all that there are, resolved */
	struct notify_settings notify; /* without the sensor */
	struct {
		struct rule_list shipped, own;
		uint16_t off[LIMIT_RULES]; /* of shipped */
		size_t off_count;
		uint64_t holidays[LIMIT_HOLIDAYS]; /* days since 1970-01-01 */
		size_t holiday_count;
		bool no_defaults;
	} alerts; /* what `rules` is made of */
	/* Of what the file says, whatever its layout and comments; 0: no file. */
	uint64_t digest;

	/* The entries of lists while they are read. */
	struct {
		struct trunk trunk;
		struct trunk_net nets[TRUNK_USES][CONFIG_NETS_PER_TRUNK];
		size_t net_count[TRUNK_USES];
		struct number_prefix prefix;
		struct rule rule;
		struct receiver receiver;
		struct sla_window window;
	} draft;
};

/* The point of that interface, or of the whole probe; 0: none was named. */
uint8_t config_point_of(const struct config *config, const char *interface);

/* The point of that interface; 0: none was named. */
uint8_t config_point_of(const struct config *config, const char *interface);

/* The caps of the settings, of memory_cap and what is said of single ones. */
void config_share_memory(struct config *config);

/* What was agreed on, and where it is measured. */
void config_sla_settings(const struct config *config, struct sla_settings *out);

/* What the rules of the configuration need; *out borrows from it. */
void config_rules_settings(const struct config *config, struct rules_settings *out);

struct config_error {
	char text[1024]; /* "earshot.yaml:12: trunks[].role: ..." */
};

/* All at their defaults; NULL when memory ran out. */
struct config *config_new(void);
void config_free(struct config *config); /* NULL is fine */

/*
 * What the file says, over what is there; "-" is standard input.  Once for each config: a
 * second file, or one after an error, needs a new one.  ERR_IO: cannot be read.
 * ERR_MALFORMED: says what it may not.  ERR_NOMEM.
 */
MUST_CHECK enum status config_load(struct config *config, const char *path,
                                   struct config_error *error);
/* The same of a file that is open; `name` is what errors call it. */
MUST_CHECK enum status config_read(struct config *config, FILE *file, const char *name,
                                   struct config_error *error);

#endif
