#include "probe/application_ndpi.h"

#include <ndpi/ndpi_api.h>

static const struct {
	uint16_t protocol;
	enum application application;
} voices[] = {
	{ NDPI_PROTOCOL_DISCORD, APPLICATION_DISCORD },
	{ NDPI_PROTOCOL_FACEBOOK_VOIP, APPLICATION_FACEBOOK },
	{ NDPI_PROTOCOL_HANGOUT_DUO, APPLICATION_GOOGLE },
	{ NDPI_PROTOCOL_H323, APPLICATION_H323 },
	{ NDPI_PROTOCOL_IAX, APPLICATION_IAX },
	{ NDPI_PROTOCOL_IMO, APPLICATION_IMO },
	{ NDPI_PROTOCOL_KAKAOTALK_VOICE, APPLICATION_KAKAOTALK },
	{ NDPI_PROTOCOL_MEGACO, APPLICATION_MEGACO },
	{ NDPI_PROTOCOL_MGCP, APPLICATION_MGCP },
	{ NDPI_PROTOCOL_SIGNAL_VOIP, APPLICATION_SIGNAL },
	{ NDPI_PROTOCOL_SKINNY, APPLICATION_SKINNY },
	{ NDPI_PROTOCOL_SNAPCHAT_CALL, APPLICATION_SNAPCHAT },
	/* Its name of before; the protocol has lived on. */
	{ NDPI_PROTOCOL_SKYPE_CALL, APPLICATION_TEAMS },
	{ NDPI_PROTOCOL_SKYPE_TEAMS, APPLICATION_TEAMS },
	{ NDPI_PROTOCOL_MSTEAMS, APPLICATION_TEAMS },
	{ NDPI_PROTOCOL_TEAMSPEAK, APPLICATION_TEAMSPEAK },
	{ NDPI_PROTOCOL_TELEGRAM, APPLICATION_TELEGRAM },
	{ NDPI_PROTOCOL_VIBER, APPLICATION_VIBER },
	{ NDPI_PROTOCOL_WEBEX, APPLICATION_WEBEX },
	{ NDPI_PROTOCOL_WHATSAPP_CALL, APPLICATION_WHATSAPP },
	{ NDPI_PROTOCOL_ZOOM, APPLICATION_ZOOM },
};

struct ndpi_detection_module_struct *application_ndpi_new(void)
{
	/*
	 * libgcrypt is there for QUIC, which carries no voice that could be told apart; to
	 * set it up takes files.
	 */
	struct ndpi_detection_module_struct *ndpi = ndpi_init_detection_module(
	        ndpi_dont_load_tor_hosts | ndpi_dont_init_libgcrypt);
	if (!ndpi)
		return NULL;
	NDPI_PROTOCOL_BITMASK protocols;
	NDPI_BITMASK_SET_ALL(protocols);
	/* The library's macro narrows without saying so. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wconversion"
	NDPI_BITMASK_DEL(protocols, NDPI_PROTOCOL_QUIC);
#pragma GCC diagnostic pop
	ndpi_set_protocol_detection_bitmask2(ndpi, &protocols);
	ndpi_finalize_initialization(ndpi);
	return ndpi;
}

void application_ndpi_free(struct ndpi_detection_module_struct *ndpi)
{
	if (ndpi)
		ndpi_exit_detection_module(ndpi);
}

struct ndpi_flow_struct *application_ndpi_flow_new(void)
{
	struct ndpi_flow_struct *flow = ndpi_flow_malloc(SIZEOF_FLOW_STRUCT);
	if (flow)
		memset(flow, 0, SIZEOF_FLOW_STRUCT);
	return flow;
}

void application_ndpi_flow_free(struct ndpi_flow_struct *flow)
{
	if (flow)
		ndpi_free_flow(flow);
}

/* A call sets its way up by these, and tells whose it is in a datagram that comes later. */
static bool may_become_more(uint16_t protocol)
{
	return protocol == NDPI_PROTOCOL_UNKNOWN || protocol == NDPI_PROTOCOL_STUN ||
	       protocol == NDPI_PROTOCOL_DTLS;
}

int application_ndpi_ask(struct ndpi_detection_module_struct *ndpi,
                         struct ndpi_flow_struct *flow, struct span datagram, nstime at)
{
	const ndpi_protocol seen = ndpi_detection_process_packet(
	        ndpi, flow, datagram.at, (unsigned short)datagram.len,
	        (uint64_t)(at / NS_PER_MS));
	for (size_t i = 0; i < ARRAY_LEN(voices); i++) {
		if (seen.app_protocol == voices[i].protocol ||
		    seen.master_protocol == voices[i].protocol)
			return (int)voices[i].application;
	}
	return may_become_more(seen.app_protocol) ? ASK_UNDECIDED : ASK_NOT_VOICE;
}
