/*
 * trunk.h - the peers that the operator knows by name: carriers, points of presence,
 * session border controllers, PBXs, sites of phones.
 *
 * A trunk is a set of addresses with what is expected of them.  Filled from the
 * configuration, then sealed; from then on nobody changes it, and any thread may ask.
 * Looked up once for each leg and stream, never for a packet.
 */
#ifndef EARSHOT_MODEL_TRUNK_H
#define EARSHOT_MODEL_TRUNK_H

#include "analyzer/base/endpoint.h"
#include "analyzer/model/codec.h"
#include "analyzer/model/number.h"
#include "analyzer/model/packet.h"

enum {
	TRUNK_NAME = 64,            /* room for a name, its NUL included */
	TRUNK_CODECS = 16,          /* expected of one trunk */
	LIMIT_TRUNKS = 1000,        /* labels of metrics and rows of tables, all of them */
	LIMIT_TRUNK_NETS = 1 << 16, /* of all trunks */
	TRUNK_DSCP_ANY = 0xff,
};

/* Zero, here and below, is "the operator did not say". */
enum trunk_role {
	TRUNK_ROLE_NONE,
	TRUNK_CARRIER,
	TRUNK_POP,
	TRUNK_SBC,
	TRUNK_PBX,
	TRUNK_PHONES,
	TRUNK_ROLE_COUNT
};

enum trunk_type {
	TRUNK_STATIC,     /* by its addresses alone */
	TRUNK_REGISTERED, /* it works as long as a registration of ours stands there */
	TRUNK_TYPE_COUNT
};

/* The part it has in its redundancy group. */
enum trunk_redundancy {
	TRUNK_REDUNDANCY_NONE,
	TRUNK_PRIMARY,
	TRUNK_BACKUP, /* gets calls while those of lower priority figures fail */
	TRUNK_ACTIVE, /* shares the load with the other active ones */
	TRUNK_REDUNDANCY_COUNT
};

enum media_security {
	MEDIA_SECURITY_ANY,
	MEDIA_SECURITY_RTP,  /* in clear */
	MEDIA_SECURITY_SRTP, /* encrypted */
	MEDIA_SECURITY_COUNT
};

/* Index 0 of what may be left out is NULL. */
extern const char *const trunk_role_names[TRUNK_ROLE_COUNT];
extern const char *const trunk_type_names[TRUNK_TYPE_COUNT];
extern const char *const trunk_redundancy_names[TRUNK_REDUNDANCY_COUNT];
extern const char *const media_security_names[MEDIA_SECURITY_COUNT];

struct trunk {
	char name[TRUNK_NAME];
	char site[TRUNK_NAME]; /* empty = not said */
	enum trunk_role role;
	enum trunk_type type;
	char group[TRUNK_NAME]; /* of redundancy; empty = none */
	enum trunk_redundancy redundancy;
	uint32_t priority; /* in the group: lower figures get calls first */
	uint32_t channels; /* calls at once; 0 = not said */
	enum number_format number_format;
	enum codec codecs[TRUNK_CODECS]; /* expected */
	uint32_t codec_count;            /* 0 = any */
	uint8_t dscp;                    /* of media; TRUNK_DSCP_ANY = any */
	uint8_t dscp_signalling;
	uint32_t transports; /* 1 << enum transport of each that is allowed; 0 = any */
	enum media_security media_security;
};

/* What a trunk with nothing said about it expects: anything. */
struct trunk trunk_default(void);

/* Which addresses these are. */
enum trunk_use {
	TRUNK_SIGNALLING, /* of media, too, where no other trunk says more precisely */
	TRUNK_MEDIA,
	TRUNK_USES
};

struct trunk_net {
	struct address base; /* bits behind the prefix are zero */
	uint8_t bits;        /* of the prefix: 0..128; an IPv4 one is 96 longer */
	uint16_t port_first, port_last; /* 0..65535: any */
};

/*
 * "198.51.100.9", "198.51.100.0/24", "2001:db8::/32", "198.51.100.9:5080",
 * "[2001:db8::9]:10000-19999".  ERR_MALFORMED; ERR_UNSUPPORTED: bits are set behind the
 * prefix, which is a slip more often than a wish.
 */
MUST_CHECK enum status trunk_net_parse(struct text t, struct trunk_net *out);

struct trunks;

MUST_CHECK enum status trunks_new(struct trunks **out);
/* ERR_FULL, ERR_NOMEM.  Its nets are added after it. */
MUST_CHECK enum status trunks_add(struct trunks *trunks, const struct trunk *trunk);
/* Of the trunk added last. */
MUST_CHECK enum status trunks_add_net(struct trunks *trunks, enum trunk_use use,
                                      const struct trunk_net *net);
/* Two trunks, by their numbers, that claim the same addresses. */
struct trunk_conflict {
	size_t first, second;
	struct trunk_net net;
};

/* No more comes: trunk_find works from now on.  ERR_MALFORMED: *conflict is filled. */
MUST_CHECK enum status trunks_seal(struct trunks *trunks, struct trunk_conflict *conflict);
void trunks_free(struct trunks *trunks); /* NULL is fine */

size_t trunks_count(const struct trunks *trunks); /* 0 of NULL */
const struct trunk *trunks_at(const struct trunks *trunks, size_t number);
const struct trunk *trunks_by_name(const struct trunks *trunks, struct text name);

/*
 * Whose signalling or media address this is: by the longest prefix, then by the fewest
 * ports.  NULL: nobody's.  `trunks` may be NULL: none are configured.
 */
const struct trunk *trunk_find(const struct trunks *trunks, const struct address *address,
                               uint16_t port);
const struct trunk *trunk_find_media(const struct trunks *trunks,
                                     const struct address *address, uint16_t port);

#endif
