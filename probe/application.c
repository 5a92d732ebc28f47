#include "probe/application.h"

#include <assert.h>
#include <stdlib.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

#include "probe/application_ndpi.h"
#include "probe/wire_put.h"

const char *const application_names[APPLICATION_COUNT] = {
	[APPLICATION_DISCORD] = "discord",
	[APPLICATION_FACEBOOK] = "facebook",
	[APPLICATION_GOOGLE] = "google",
	[APPLICATION_H323] = "h323",
	[APPLICATION_IAX] = "iax",
	[APPLICATION_IMO] = "imo",
	[APPLICATION_KAKAOTALK] = "kakaotalk",
	[APPLICATION_MEGACO] = "megaco",
	[APPLICATION_MGCP] = "mgcp",
	[APPLICATION_SIGNAL] = "signal",
	[APPLICATION_SKINNY] = "skinny",
	[APPLICATION_SNAPCHAT] = "snapchat",
	[APPLICATION_TEAMS] = "teams",
	[APPLICATION_TEAMSPEAK] = "teamspeak",
	[APPLICATION_TELEGRAM] = "telegram",
	[APPLICATION_VIBER] = "viber",
	[APPLICATION_WEBEX] = "webex",
	[APPLICATION_WHATSAPP] = "whatsapp",
	[APPLICATION_ZOOM] = "zoom",
};
static_assert(ARRAY_LEN(application_names) == APPLICATION_COUNT, "name every one");

/* Looked at together; a flow may be in any place of its row. */
enum { ROW = 8, ROWS = APPLICATION_FLOWS / ROW };

enum flow_state {
	FLOW_NONE,
	FLOW_UNDECIDED,
	FLOW_NOT_VOICE,
	FLOW_VOICE, /* and what is more, an application */
};

struct flow_entry {
	uint64_t hash; /* stands for both ends; two flows of one hash count as one */
	nstime last;
	struct ndpi_flow_struct *ndpi; /* owned; only while undecided */
	uint8_t asked;                 /* datagrams */
	uint8_t state;                 /* enum flow_state, and the application on top */
};

/* What of a datagram nDPI gets to see: it looks at no more. */
enum { IPV4_HEAD = 20, UDP_HEAD = 8, SEEN_BYTES = 1500 };

struct applications {
	struct ndpi_detection_module_struct *ndpi; /* owned; NULL until it is needed */
	size_t undecided;
	struct application_counts counts;
	uint8_t datagram[IPV4_HEAD + UDP_HEAD + SEEN_BYTES];
	struct flow_entry flows[ROWS][ROW];
};

enum status applications_new(bool at_once, struct applications **out)
{
	/* Of the table the system gives only the pages that are touched. */
	struct applications *a = calloc(1, sizeof *a);
	if (!a)
		return ERR_NOMEM;
	if (at_once && !(a->ndpi = application_ndpi_new())) {
		free(a);
		return ERR_NOMEM;
	}
	*out = a;
	return OK;
}

static void forget(struct applications *a, struct flow_entry *entry)
{
	if (entry->ndpi) {
		application_ndpi_flow_free(entry->ndpi);
		entry->ndpi = NULL;
		a->undecided--;
	}
}

void applications_free(struct applications *applications)
{
	if (!applications)
		return;
	for (size_t row = 0; applications->undecided > 0 && row < ROWS; row++) {
		for (size_t i = 0; i < ROW; i++)
			forget(applications, &applications->flows[row][i]);
	}
	application_ndpi_free(applications->ndpi);
	free(applications);
}

/* The same both ways. */
static uint64_t hash_of(const struct packet *packet)
{
	struct {
		struct endpoint low, high;
	} ends = { packet->src, packet->dst };
	static_assert(sizeof ends == 2 * sizeof(struct endpoint), "no padding is hashed");
	if (endpoint_compare(&ends.low, &ends.high) > 0) {
		ends.low = packet->dst;
		ends.high = packet->src;
	}
	return XXH3_64bits(&ends, sizeof ends);
}

/* The flow's place, which is made for it if it has none. */
static struct flow_entry *entry_of(struct applications *a, uint64_t hash)
{
	struct flow_entry *row = a->flows[hash % ROWS];
	struct flow_entry *place = &row[0];
	for (size_t i = 0; i < ROW; i++) {
		if (row[i].state == FLOW_NONE) {
			place = &row[i];
			break;
		}
		if (row[i].hash == hash)
			return &row[i];
		if (row[i].last < place->last)
			place = &row[i];
	}
	if (place->state != FLOW_NONE)
		a->counts.evicted++;
	forget(a, place);
	*place = (struct flow_entry){ .hash = hash, .state = FLOW_UNDECIDED };
	return place;
}

/* Of an address nDPI sees the last 4 bytes, or those of a documentation address. */
static uint8_t *put_address(uint8_t *to, const struct address *address, uint8_t last)
{
	const uint8_t documentation[] = { 192, 0, 2, last }; /* RFC 5737 */
	return put_bytes(to, address_is_ipv4(address) ? address->bytes + 12 : documentation,
	                 4);
}

/*
 * nDPI wants a datagram from its IP header on.  Those that come in tunnels or fragments
 * have none that stands in front of them: each gets one.  It is IPv4 for IPv6, too, where
 * nDPI 4.2 does not look for STUN; its lists of known addresses are IPv4 anyway.
 */
static struct span with_headers(uint8_t *to, const struct packet *packet)
{
	const size_t len =
	        packet->payload.len < SEEN_BYTES ? packet->payload.len : SEEN_BYTES;
	const uint16_t udp_len = (uint16_t)(UDP_HEAD + len);
	uint8_t *at = put_u16(to, 0x4500); /* version 4, 5 words, no class */
	at = put_u16(at, (uint16_t)(IPV4_HEAD + udp_len));
	at = put_u32(at, 0);
	at = put_u32(at, UINT32_C(64) << 24 | UINT32_C(17) << 16); /* TTL, UDP */
	at = put_address(at, &packet->src.address, 1);
	at = put_address(at, &packet->dst.address, 2);
	at = put_u16(at, packet->src.port);
	at = put_u16(at, packet->dst.port);
	at = put_u16(at, udp_len);
	at = put_u16(at, 0);
	at = put_bytes(at, packet->payload.at, len);
	return (struct span){ to, (size_t)(at - to) };
}

/* Has the entry what it takes to ask? */
static bool can_ask(struct applications *a, struct flow_entry *entry)
{
	if (entry->ndpi)
		return true;
	if (a->undecided >= APPLICATION_UNDECIDED)
		return false;
	if (!a->ndpi && !(a->ndpi = application_ndpi_new()))
		return false;
	entry->ndpi = application_ndpi_flow_new();
	if (!entry->ndpi)
		return false;
	a->undecided++;
	return true;
}

static void ask(struct applications *a, struct flow_entry *entry,
                const struct packet *packet)
{
	if (!can_ask(a, entry)) {
		a->counts.not_asked++;
		return;
	}
	const int verdict = application_ndpi_ask(
	        a->ndpi, entry->ndpi, with_headers(a->datagram, packet), packet->at);
	entry->asked++;
	if (verdict >= 0) {
		entry->state = (uint8_t)(FLOW_VOICE + verdict);
		a->counts.of[verdict].flows++;
	} else if (verdict == ASK_NOT_VOICE || entry->asked == APPLICATION_DATAGRAMS) {
		entry->state = FLOW_NOT_VOICE;
	} else {
		return;
	}
	forget(a, entry);
}

void applications_note(struct applications *applications, const struct packet *packet)
{
	struct applications *a = applications;
	if (packet->transport != TRANSPORT_UDP || packet->payload.len == 0)
		return;
	struct flow_entry *entry = entry_of(a, hash_of(packet));
	entry->last = packet->at;
	if (entry->state == FLOW_UNDECIDED)
		ask(a, entry, packet);
	if (entry->state >= FLOW_VOICE) {
		struct application_count *count = &a->counts.of[entry->state - FLOW_VOICE];
		count->packets++;
		count->octets += packet->ip_len;
	}
}

const struct application_counts *applications_counts(
        const struct applications *applications)
{
	return &applications->counts;
}
