/*
 * config_rows.h - what rows of the table of configuration keys are written with, for the
 * files that it stands in.
 */
#ifndef EARSHOT_PROBE_CONFIG_ROWS_H
#define EARSHOT_PROBE_CONFIG_ROWS_H

#include "probe/config_table.h"
#include "probe/config_values.h"

/* NOLINTBEGIN(bugprone-macro-parentheses): a member is no expression */
#define AT(member)                                                                         \
	.offset = offsetof(struct config, member),                                         \
	.size = sizeof((struct config *)NULL)->member
/* NOLINTEND(bugprone-macro-parentheses) */
#define NAMES(table) .names = (table), .name_count = ARRAY_LEN(table)
#define TAKE(value) .take = config_take_##value
#define SHOW(value) .show = config_show_##value
/* Counts when the probe is started, and not before. */
#define AT_START .restart = true
#define LIST(value) .list = true, .begin = config_begin_##value, TAKE(value)

/* config_table_alerts.c */
extern const struct config_key config_alert_keys[];
extern const size_t config_alert_key_count;

#endif
