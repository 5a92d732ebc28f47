/*
 * config_values.h - the values of the configuration that have a grammar of their own, and
 * the entries of its lists.
 */
#ifndef EARSHOT_PROBE_CONFIG_VALUES_H
#define EARSHOT_PROBE_CONFIG_VALUES_H

#include "probe/config.h"
#include "probe/option_error.h"
#include "web/buffer.h"

/* As `take`, `show` and `begin` of struct config_key. */
#define CONFIG_TAKE(name)                                                                  \
	bool config_take_##name(struct config *config, const char *value,                  \
	                        struct option_error *error)
#define CONFIG_SHOW(name)                                                                  \
	void config_show_##name(const struct config *config, struct buffer *out)
#define CONFIG_BEGIN(name) void config_begin_##name(struct config *config)

CONFIG_TAKE(time_zone);
CONFIG_TAKE(jitter_buffers);
CONFIG_TAKE(ports);
CONFIG_TAKE(correlation_headers);
CONFIG_TAKE(emergency);
CONFIG_TAKE(codecs);
CONFIG_TAKE(rtp_map);
CONFIG_TAKE(premium);
CONFIG_TAKE(web_listen);
CONFIG_TAKE(trunk_addresses);
CONFIG_TAKE(trunk_media);
CONFIG_TAKE(trunk_codecs);
CONFIG_TAKE(trunk_transports);
CONFIG_TAKE(trunk_dscp);
CONFIG_TAKE(trunk_dscp_signalling);
CONFIG_TAKE(rules_off);
CONFIG_TAKE(capture_listen);
CONFIG_TAKE(hep_listen);
CONFIG_TAKE(hep_allow);
CONFIG_TAKE(rule_muters);
CONFIG_TAKE(holidays);
CONFIG_SHOW(time_zone);
CONFIG_SHOW(web_listen);
CONFIG_SHOW(jitter_buffers);
CONFIG_SHOW(ports);
CONFIG_SHOW(correlation_headers);
CONFIG_SHOW(emergency);
CONFIG_BEGIN(ports);
CONFIG_BEGIN(web_listen);
CONFIG_BEGIN(codecs);
CONFIG_BEGIN(rtp_map);
CONFIG_BEGIN(correlation_headers);
CONFIG_BEGIN(emergency);
CONFIG_BEGIN(premium);
CONFIG_BEGIN(trunk_addresses);
CONFIG_BEGIN(trunk_media);
CONFIG_BEGIN(trunk_codecs);
CONFIG_BEGIN(trunk_transports);
CONFIG_BEGIN(rules_off);
CONFIG_BEGIN(rule_muters);
CONFIG_BEGIN(holidays);

CONFIG_BEGIN(hep_allow);
CONFIG_BEGIN(interface);
bool config_end_interface(struct config *config, struct option_error *error);
CONFIG_BEGIN(trunk);
bool config_end_trunk(struct config *config, struct option_error *error);
CONFIG_BEGIN(prefix);
bool config_end_prefix(struct config *config, struct option_error *error);

CONFIG_BEGIN(rule);
bool config_end_rule(struct config *config, struct option_error *error);

CONFIG_BEGIN(maintenance);
bool config_take_maintenance_from(struct config *config, const char *value,
                                  struct option_error *error);
bool config_take_maintenance_to(struct config *config, const char *value,
                                struct option_error *error);
bool config_end_maintenance(struct config *config, struct option_error *error);

CONFIG_BEGIN(receiver);
bool config_end_receiver(struct config *config, struct option_error *error);

/* When the whole file has been read. */
void config_set_local_time(struct config *config);
bool config_seal_trunks(struct config *config, struct option_error *error);
bool config_seal_rules(struct config *config, struct option_error *error);

/* Interfaces with a point of their own: at the end of the file. */
bool config_enter_points(struct config *config, struct option_error *error);

#endif
