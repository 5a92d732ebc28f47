/* config_trunks.c - the trunks of the configuration, entry by entry. */
#include <string.h>

#include "probe/config_values.h"

void config_begin_trunk(struct config *config)
{
	config->draft.trunk = trunk_default();
	memset(config->draft.net_count, 0, sizeof config->draft.net_count);
}

static bool take_net(struct config *config, enum trunk_use use, const char *value,
                     struct option_error *error)
{
	size_t *count = &config->draft.net_count[use];
	struct trunk_net *nets = config->draft.nets[use];
	if (*count == CONFIG_NETS_PER_TRUNK)
		return option_refuse(error, "at most %d of them", CONFIG_NETS_PER_TRUNK);
	switch (trunk_net_parse(text_from(value), &nets[*count])) {
	case OK:
		(*count)++;
		return true;
	case ERR_UNSUPPORTED:
		return option_refuse(error, "'%s' has bits behind its prefix", value);
	default:
		return option_refuse(error,
		                     "'%s' is not ADDRESS, ADDRESS/BITS, ADDRESS:PORT or "
		                     "ADDRESS:FIRST-LAST, such as 198.51.100.0/24 or "
		                     "[2001:db8::9]:5060",
		                     value);
	}
}

void config_begin_trunk_addresses(struct config *config)
{
	config->draft.net_count[TRUNK_SIGNALLING] = 0;
}

bool config_take_trunk_addresses(struct config *config, const char *value,
                                 struct option_error *error)
{
	return take_net(config, TRUNK_SIGNALLING, value, error);
}

void config_begin_trunk_media(struct config *config)
{
	config->draft.net_count[TRUNK_MEDIA] = 0;
}

bool config_take_trunk_media(struct config *config, const char *value,
                             struct option_error *error)
{
	return take_net(config, TRUNK_MEDIA, value, error);
}

void config_begin_trunk_codecs(struct config *config)
{
	config->draft.trunk.codec_count = 0;
}

bool config_take_trunk_codecs(struct config *config, const char *value,
                              struct option_error *error)
{
	struct trunk *trunk = &config->draft.trunk;
	struct text clock = text_from(value);
	const struct text name = text_cut(&clock, '/');
	uint64_t clock_hz = 0;
	if (clock.len && text_number(clock, UINT32_MAX, &clock_hz) != OK)
		return option_refuse(error, "'%s' is not NAME or NAME/CLOCK", value);
	const enum codec codec = codec_by_name(name, (uint32_t)clock_hz);
	if (codec_info(codec)->kind != CODEC_KIND_AUDIO)
		return option_refuse(error, "'%s' is no audio codec we know", value);
	if (trunk->codec_count == TRUNK_CODECS)
		return option_refuse(error, "at most %d of them", TRUNK_CODECS);
	trunk->codecs[trunk->codec_count++] = codec;
	return true;
}

void config_begin_trunk_transports(struct config *config)
{
	config->draft.trunk.transports = 0;
}

bool config_take_trunk_transports(struct config *config, const char *value,
                                  struct option_error *error)
{
	for (unsigned int t = TRANSPORT_NONE + 1; t < TRANSPORT_ICMP; t++) {
		if (strcmp(transport_names[t], value) != 0)
			continue;
		config->draft.trunk.transports |= 1u << t;
		return true;
	}
	return option_refuse(error, "'%s' is not one of udp, tcp, tls, ws, wss, sctp",
	                     value);
}

static bool take_dscp(uint8_t *dscp, const char *value, struct option_error *error)
{
	uint64_t number;
	if (text_number(text_from(value), 63, &number) != OK)
		return option_refuse(error, "'%s' is not a whole number of 0 to 63", value);
	*dscp = (uint8_t)number;
	return true;
}

bool config_take_trunk_dscp(struct config *config, const char *value,
                            struct option_error *error)
{
	return take_dscp(&config->draft.trunk.dscp, value, error);
}

bool config_take_trunk_dscp_signalling(struct config *config, const char *value,
                                       struct option_error *error)
{
	return take_dscp(&config->draft.trunk.dscp_signalling, value, error);
}

/* --- an entry, and all of them -------------------------------------------------------- */

static bool add_draft(struct config *config, struct option_error *error)
{
	enum status status = trunks_add(config->trunks, &config->draft.trunk);
	for (unsigned int use = 0; use < TRUNK_USES; use++)
		for (size_t i = 0; i < config->draft.net_count[use] && status == OK; i++)
			status = trunks_add_net(config->trunks, use,
			                        &config->draft.nets[use][i]);
	if (status == ERR_FULL)
		return option_refuse(error, "at most %d trunks, of at most %d addresses",
		                     LIMIT_TRUNKS, LIMIT_TRUNK_NETS);
	return status == OK || option_refuse(error, "memory ran out");
}

bool config_end_trunk(struct config *config, struct option_error *error)
{
	const struct trunk *trunk = &config->draft.trunk;
	const size_t *nets = config->draft.net_count;
	if (!trunk->name[0])
		return option_refuse(error, "needs a name");
	if (nets[TRUNK_SIGNALLING] + nets[TRUNK_MEDIA] == 0)
		return option_refuse(error, "'%s' needs addresses", trunk->name);
	if (trunk->redundancy && !trunk->group[0])
		return option_refuse(error, "'%s' is %s of no group", trunk->name,
		                     trunk_redundancy_names[trunk->redundancy]);
	if (!config->trunks && trunks_new(&config->trunks) != OK)
		return option_refuse(error, "memory ran out");
	if (trunks_by_name(config->trunks, text_from(trunk->name)))
		return option_refuse(error, "there is a trunk '%s' already", trunk->name);
	return add_draft(config, error);
}

bool config_seal_trunks(struct config *config, struct option_error *error)
{
	struct trunk_conflict conflict;
	char address[ADDRESS_TEXT_SIZE];
	if (!config->trunks || trunks_seal(config->trunks, &conflict) == OK) {
		config->settings.trunks = config->trunks;
		return true;
	}
	const struct trunk_net *net = &conflict.net;
	const unsigned int before = address_is_ipv4(&net->base) ? 96 : 0;
	return option_refuse(error, "trunks '%s' and '%s' both have %s/%u",
	                     trunks_at(config->trunks, conflict.first)->name,
	                     trunks_at(config->trunks, conflict.second)->name,
	                     address_format(&net->base, address), net->bits - before);
}
