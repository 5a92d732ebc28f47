#include "analyzer/model/trunk.h"

#include <stdlib.h>
#include <string.h>

enum { ADDRESS_BITS = 128, IPV4_AT = 96, ANY_PORT = 65535 };

const char *const trunk_role_names[TRUNK_ROLE_COUNT] = {
	[TRUNK_CARRIER] = "carrier", [TRUNK_POP] = "pop",       [TRUNK_SBC] = "sbc",
	[TRUNK_PBX] = "pbx",         [TRUNK_PHONES] = "phones",
};
const char *const trunk_type_names[TRUNK_TYPE_COUNT] = {
	[TRUNK_STATIC] = "static",
	[TRUNK_REGISTERED] = "registered",
};
const char *const trunk_redundancy_names[TRUNK_REDUNDANCY_COUNT] = {
	[TRUNK_PRIMARY] = "primary",
	[TRUNK_BACKUP] = "backup",
	[TRUNK_ACTIVE] = "active",
};
const char *const media_security_names[MEDIA_SECURITY_COUNT] = {
	[MEDIA_SECURITY_ANY] = "any",
	[MEDIA_SECURITY_RTP] = "rtp",
	[MEDIA_SECURITY_SRTP] = "srtp",
};

struct trunk trunk_default(void)
{
	return (struct trunk){ .dscp = TRUNK_DSCP_ANY, .dscp_signalling = TRUNK_DSCP_ANY };
}

/* --- an address with its prefix and ports --------------------------------------------- */

/* The address without what is behind its first `bits`. */
static struct address masked(const struct address *address, unsigned int bits)
{
	struct address out = { { 0 } };
	const size_t whole = bits / 8;
	memcpy(out.bytes, address->bytes, whole);
	if (bits % 8)
		out.bytes[whole] =
		        (uint8_t)(address->bytes[whole] & (0xff00u >> (bits % 8)));
	return out;
}

/* "5080" or "10000-19999"; an empty text is any port. */
static enum status parse_ports(struct text t, struct trunk_net *net)
{
	uint64_t first, last;
	net->port_first = 0;
	net->port_last = ANY_PORT;
	if (t.len == 0)
		return OK;
	const struct text low = text_cut(&t, '-');
	if (text_number(low, ANY_PORT, &first) != OK ||
	    text_number(t.len ? t : low, ANY_PORT, &last) != OK || first == 0 ||
	    first > last)
		return ERR_MALFORMED;
	net->port_first = (uint16_t)first;
	net->port_last = (uint16_t)last;
	return OK;
}

/* Takes ":5080" off the end of "198.51.100.9:5080" or "[2001:db8::9]:5080". */
static enum status split_ports(struct text *t, struct text *ports)
{
	const bool brackets = t->len && t->at[0] == '[';
	const size_t end = brackets ? text_find(*t, ']') + 1 : text_find(*t, ':');
	*ports = (struct text){ t->at, 0 };
	if (end > t->len)
		return brackets ? ERR_MALFORMED : OK;
	if (end == t->len)
		return OK;
	struct text rest = text_skip(*t, end + 1);
	if (!brackets && text_find(rest, ':') < rest.len)
		return OK; /* IPv6 without brackets: no port */
	if (t->at[end] != ':' || rest.len == 0)
		return ERR_MALFORMED;
	*ports = rest;
	*t = text_head(*t, end);
	return OK;
}

enum status trunk_net_parse(struct text t, struct trunk_net *out)
{
	struct trunk_net net = { .bits = ADDRESS_BITS };
	struct text ports, address = t;
	uint64_t bits = 0;
	const bool with_prefix = text_find(t, '/') < t.len;
	if (with_prefix) {
		ports = (struct text){ t.at, 0 };
		address = text_cut(&t, '/');
	} else if (split_ports(&address, &ports) != OK) {
		return ERR_MALFORMED;
	}
	if (address_parse(address, &net.base) != OK || parse_ports(ports, &net) != OK)
		return ERR_MALFORMED;
	const unsigned int before = address_is_ipv4(&net.base) ? IPV4_AT : 0;
	if (with_prefix) {
		if (text_number(t, ADDRESS_BITS - before, &bits) != OK)
			return ERR_MALFORMED;
		net.bits = (uint8_t)(before + bits);
	}
	const struct address base = masked(&net.base, net.bits);
	if (!address_equal(&base, &net.base))
		return ERR_UNSUPPORTED;
	*out = net;
	return OK;
}

/* --- the table ------------------------------------------------------------------------ */

struct entry {
	struct trunk_net net;
	uint32_t trunk;
	uint8_t use;
};

/*
 * Entries by (prefix length, longest first; base; fewest ports; media before signalling),
 * and where each length ends.
 */
struct index {
	struct entry *entries; /* owned */
	size_t count, size;
	struct {
		size_t end;
		uint8_t bits;
	} lengths[ADDRESS_BITS + 1];
	size_t length_count;
};

struct trunks {
	struct trunk *list; /* owned */
	size_t count, size, nets;
	struct index of[TRUNK_USES];
};

enum status trunks_new(struct trunks **out)
{
	*out = calloc(1, sizeof **out);
	return *out ? OK : ERR_NOMEM;
}

void trunks_free(struct trunks *trunks)
{
	if (!trunks)
		return;
	for (size_t use = 0; use < TRUNK_USES; use++)
		free(trunks->of[use].entries);
	free(trunks->list);
	free(trunks);
}

/* `list` with room for one more than `count` of `each` bytes; NULL: as it was. */
static void *grown(void *list, size_t count, size_t *size, size_t each)
{
	if (count < *size)
		return list;
	const size_t size_new = *size ? 2 * *size : 16;
	void *list_new = realloc(list, size_new * each);
	if (list_new)
		*size = size_new;
	return list_new;
}

enum status trunks_add(struct trunks *trunks, const struct trunk *trunk)
{
	if (trunks->count == LIMIT_TRUNKS)
		return ERR_FULL;
	struct trunk *list =
	        grown(trunks->list, trunks->count, &trunks->size, sizeof *list);
	if (!list)
		return ERR_NOMEM;
	trunks->list = list;
	list[trunks->count++] = *trunk;
	return OK;
}

static enum status add(struct index *index, const struct entry *entry)
{
	struct entry *entries =
	        grown(index->entries, index->count, &index->size, sizeof *entries);
	if (!entries)
		return ERR_NOMEM;
	index->entries = entries;
	entries[index->count++] = *entry;
	return OK;
}

/*
 * A signalling address serves for media, too, unless its ports set it apart: they are
 * those of signalling, and its neighbour on other ports is another trunk.
 */
enum status trunks_add_net(struct trunks *trunks, enum trunk_use use,
                           const struct trunk_net *net)
{
	const struct entry entry = { *net, (uint32_t)trunks->count - 1, (uint8_t)use };
	const bool any_port = net->port_first == 0;
	if (trunks->nets == LIMIT_TRUNK_NETS)
		return ERR_FULL;
	trunks->nets++;
	enum status status = OK;
	if (use == TRUNK_MEDIA || any_port)
		status = add(&trunks->of[TRUNK_MEDIA], &entry);
	if (use == TRUNK_SIGNALLING && status == OK)
		status = add(&trunks->of[TRUNK_SIGNALLING], &entry);
	return status;
}

static unsigned int ports_of(const struct trunk_net *net)
{
	return (unsigned int)net->port_last - net->port_first;
}

static int compare_bases(const struct entry *a, const struct entry *b)
{
	if (a->net.bits != b->net.bits)
		return a->net.bits > b->net.bits ? -1 : 1;
	return memcmp(&a->net.base, &b->net.base, sizeof a->net.base);
}

static int compare(const void *left, const void *right)
{
	const struct entry *a = left;
	const struct entry *b = right;
	const int order = compare_bases(a, b);
	if (order)
		return order;
	if (ports_of(&a->net) != ports_of(&b->net))
		return ports_of(&a->net) < ports_of(&b->net) ? -1 : 1;
	if (a->net.port_first != b->net.port_first)
		return a->net.port_first < b->net.port_first ? -1 : 1;
	if (a->use != b->use)
		return a->use > b->use ? -1 : 1;
	return (a->trunk > b->trunk) - (a->trunk < b->trunk);
}

/* Two claim the same: no order between them would be anybody's wish. */
static bool contradicts(const struct entry *a, const struct entry *b)
{
	return compare_bases(a, b) == 0 && a->net.port_first == b->net.port_first &&
	       a->net.port_last == b->net.port_last && a->use == b->use &&
	       a->trunk != b->trunk;
}

static void note_lengths(struct index *index)
{
	index->length_count = 0;
	for (size_t i = 0; i < index->count; i++) {
		const uint8_t bits = index->entries[i].net.bits;
		if (i == 0 || bits != index->entries[i - 1].net.bits)
			index->lengths[index->length_count++].bits = bits;
		index->lengths[index->length_count - 1].end = i + 1;
	}
}

enum status trunks_seal(struct trunks *trunks, struct trunk_conflict *conflict)
{
	for (size_t use = 0; use < TRUNK_USES; use++) {
		struct index *index = &trunks->of[use];
		if (index->count > 1)
			qsort(index->entries, index->count, sizeof *index->entries,
			      compare);
		for (size_t i = 1; i < index->count; i++) {
			const struct entry *entry = &index->entries[i];
			if (!contradicts(entry - 1, entry))
				continue;
			*conflict = (struct trunk_conflict){ entry[-1].trunk, entry->trunk,
				                             entry->net };
			return ERR_MALFORMED;
		}
		note_lengths(index);
	}
	return OK;
}

/* --- asking --------------------------------------------------------------------------- */

size_t trunks_count(const struct trunks *trunks)
{
	return trunks ? trunks->count : 0;
}

const struct trunk *trunks_at(const struct trunks *trunks, size_t number)
{
	return &trunks->list[number];
}

const struct trunk *trunks_by_name(const struct trunks *trunks, struct text name)
{
	for (size_t i = 0; i < trunks_count(trunks); i++)
		if (text_equal(text_from(trunks->list[i].name), name))
			return &trunks->list[i];
	return NULL;
}

/* Among entries from `low` to `high`, all of one length: the first of that base. */
static size_t first_of(const struct index *index, size_t low, size_t high,
                       const struct address *base)
{
	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		const struct address *other = &index->entries[middle].net.base;
		if (memcmp(other, base, sizeof *base) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static const struct entry *find(const struct index *index, const struct address *address,
                                uint16_t port)
{
	size_t begin = 0;
	for (size_t l = 0; l < index->length_count; l++) {
		const size_t end = index->lengths[l].end;
		const struct address base = masked(address, index->lengths[l].bits);
		size_t i = first_of(index, begin, end, &base);
		for (; i < end; i++) {
			const struct trunk_net *net = &index->entries[i].net;
			if (!address_equal(&net->base, &base))
				break;
			if (port >= net->port_first && port <= net->port_last)
				return &index->entries[i];
		}
		begin = end;
	}
	return NULL;
}

static const struct trunk *found(const struct trunks *trunks, enum trunk_use use,
                                 const struct address *address, uint16_t port)
{
	const struct entry *entry = trunks ? find(&trunks->of[use], address, port) : NULL;
	return entry ? &trunks->list[entry->trunk] : NULL;
}

const struct trunk *trunk_find(const struct trunks *trunks, const struct address *address,
                               uint16_t port)
{
	return found(trunks, TRUNK_SIGNALLING, address, port);
}

const struct trunk *trunk_find_media(const struct trunks *trunks,
                                     const struct address *address, uint16_t port)
{
	return found(trunks, TRUNK_MEDIA, address, port);
}
