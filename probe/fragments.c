#include "probe/fragments.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "analyzer/base/hash.h"

enum {
	BUCKETS = 16384,
	PIECES_MAX = 64,
	DATAGRAM_MAX = 65535,
};
static const nstime timeout = 30 * NS_PER_SEC;
static const nstime tight_timeout = 5 * NS_PER_SEC;

struct key {
	struct address src, dst;
	uint32_t id;
	uint16_t protocol; /* IPv6 does not tell datagrams apart by it */
	uint8_t ipv6, point;
};

/* One fragment's captured bytes.  Stands for [offset, offset + length) on the wire. */
struct piece {
	struct piece *earlier; /* owned: the fragment that came before */
	uint32_t offset, length, captured;
	uint8_t bytes[];
};

struct datagram {
	struct datagram *next_in_bucket;
	struct datagram *older, *newer;
	struct key key;
	uint64_t hash;
	nstime first_at;
	struct piece *latest; /* owned list, latest first */
	uint32_t piece_count;
	uint32_t total;  /* bytes on the wire; 0 while the last fragment is not there */
	uint32_t reach;  /* where the data known so far end */
	uint64_t frames; /* that were answered FRAGMENTS_HELD */
	size_t charge;   /* bytes, against the table's limit */
	uint8_t protocol;
};

struct fragments {
	struct datagram **buckets; /* owned, BUCKETS; made when the first fragment comes */
	struct datagram *oldest, *newest; /* owned list, by the time they began */
	uint8_t *joined;                  /* owned, DATAGRAM_MAX; likewise */
	size_t byte_limit, bytes;
	struct pressure pressure;
	struct hash_key hash_key;
	struct decoder_held held;
};

enum status fragments_new(size_t byte_limit, struct fragments **out)
{
	struct fragments *t = calloc(1, sizeof *t);
	if (!t)
		return ERR_NOMEM;
	t->byte_limit = byte_limit;
	if (getentropy(&t->hash_key, sizeof t->hash_key) != 0) {
		free(t);
		return ERR_IO;
	}
	*out = t;
	return OK;
}

static bool make_room_for_first(struct fragments *t)
{
	if (!t->buckets)
		t->buckets = calloc(BUCKETS, sizeof *t->buckets);
	if (!t->joined)
		t->joined = malloc(DATAGRAM_MAX);
	return t->buckets && t->joined;
}

static struct datagram **slot_of(struct fragments *t, const struct datagram *d)
{
	struct datagram **slot = &t->buckets[d->hash % BUCKETS];
	while (*slot != d)
		slot = &(*slot)->next_in_bucket;
	return slot;
}

static void free_datagram(struct datagram *d)
{
	for (struct piece *piece = d->latest, *earlier; piece; piece = earlier) {
		earlier = piece->earlier;
		free(piece);
	}
	free(d);
}

static void remove_datagram(struct fragments *t, struct datagram *d)
{
	*slot_of(t, d) = d->next_in_bucket;
	*(d->older ? &d->older->newer : &t->oldest) = d->newer;
	*(d->newer ? &d->newer->older : &t->newest) = d->older;
	t->bytes -= d->charge;
	t->held.waiting -= d->frames;
	free_datagram(d);
}

static void drop_counted(struct fragments *t, struct datagram *d, uint64_t *counter)
{
	*counter += d->frames;
	remove_datagram(t, d);
}

static void expire(struct fragments *t, nstime now)
{
	pressure_look(&t->pressure, t->bytes, t->byte_limit, now);
	const nstime limit = pressure_patience(&t->pressure, timeout, tight_timeout);
	while (t->oldest && now > t->oldest->first_at && now - t->oldest->first_at > limit)
		drop_counted(t, t->oldest, &t->held.timed_out);
}

static bool reserve(struct fragments *t, size_t bytes, const struct datagram *keep)
{
	while (t->bytes + bytes > t->byte_limit && t->oldest && t->oldest != keep)
		drop_counted(t, t->oldest, &t->held.evicted);
	return bytes <= t->byte_limit - t->bytes;
}

static struct key key_of(const struct fragment *f)
{
	return (struct key){ .src = f->src,
		             .dst = f->dst,
		             .id = f->id,
		             .ipv6 = f->ipv6,
		             .point = f->point,
		             .protocol = f->ipv6 ? 0 : f->protocol };
}

static struct datagram *find(const struct fragments *t, const struct key *key,
                             uint64_t hash)
{
	struct datagram *d = t->buckets[hash % BUCKETS];
	while (d && (d->hash != hash || memcmp(&d->key, key, sizeof *key) != 0))
		d = d->next_in_bucket;
	return d;
}

static struct datagram *create(struct fragments *t, const struct key *key, uint64_t hash,
                               nstime at)
{
	struct datagram *d = NULL;
	if (reserve(t, sizeof *d, NULL))
		d = calloc(1, sizeof *d);
	if (!d)
		return NULL;
	d->key = *key;
	d->hash = hash;
	d->first_at = at;
	d->charge = sizeof *d;
	t->bytes += d->charge;
	d->next_in_bucket = t->buckets[hash % BUCKETS];
	t->buckets[hash % BUCKETS] = d;
	d->older = t->newest;
	*(t->newest ? &t->newest->newer : &t->oldest) = d;
	t->newest = d;
	return d;
}

static bool is_sane(const struct fragment *f)
{
	return f->length > 0 && f->offset <= DATAGRAM_MAX &&
	       f->length <= DATAGRAM_MAX - f->offset && (!f->more || f->length % 8 == 0);
}

/* Does the fragment agree with where the datagram ends? */
static bool fits(struct datagram *d, const struct fragment *f)
{
	const uint32_t end = (uint32_t)(f->offset + f->length);
	if (d->total && (f->more ? end > d->total : end != d->total))
		return false;
	if (!f->more && d->reach > end)
		return false;
	if (!f->more)
		d->total = end;
	if (d->reach < end)
		d->reach = end;
	if (f->offset == 0)
		d->protocol = f->protocol;
	return true;
}

/* A fragment sent or captured twice adds nothing. */
static bool is_known(const struct datagram *d, const struct fragment *f)
{
	for (const struct piece *p = d->latest; p; p = p->earlier) {
		if (p->offset == f->offset && p->length == f->length &&
		    p->captured >= f->data.len)
			return true;
	}
	return false;
}

static bool keep_piece(struct fragments *t, struct datagram *d, const struct fragment *f)
{
	const size_t captured = f->data.len < f->length ? f->data.len : f->length;
	const size_t bytes = sizeof(struct piece) + captured;
	if (d->piece_count == PIECES_MAX || !reserve(t, bytes, d))
		return false;
	struct piece *piece = malloc(bytes);
	if (!piece)
		return false;
	piece->offset = (uint32_t)f->offset;
	piece->length = (uint32_t)f->length;
	piece->captured = (uint32_t)captured;
	if (captured > 0)
		memcpy(piece->bytes, f->data.at, captured);
	piece->earlier = d->latest;
	d->latest = piece;
	d->piece_count++;
	d->charge += bytes;
	t->bytes += bytes;
	return true;
}

/*
 * How far the pieces reach from 0 without a hole: on the wire, or as far as they were
 * captured.  Each round that finds a piece going further is at least one piece's last.
 */
static uint32_t reach_without_hole(const struct datagram *d, bool as_captured)
{
	uint32_t reach = 0;
	for (bool further = true; further;) {
		further = false;
		for (const struct piece *p = d->latest; p; p = p->earlier) {
			const uint32_t end =
			        p->offset + (as_captured ? p->captured : p->length);
			if (p->offset <= reach && end > reach) {
				reach = end;
				further = true;
			}
		}
	}
	return reach;
}

static bool is_whole(const struct datagram *d)
{
	return d->total && reach_without_hole(d, false) >= d->total;
}

/* From the latest piece to the first, so that the bytes which came first stay. */
static void join(struct fragments *t, struct datagram *d, struct joined *out)
{
	for (const struct piece *p = d->latest; p; p = p->earlier)
		memcpy(t->joined + p->offset, p->bytes, p->captured);
	out->bytes = (struct span){ t->joined, reach_without_hole(d, true) };
	out->length = d->total;
	out->protocol = d->protocol;
	drop_counted(t, d, &t->held.joined);
}

enum fragments_result fragments_add(struct fragments *t, const struct fragment *f,
                                    struct joined *out)
{
	if (!is_sane(f))
		return FRAGMENTS_MALFORMED;
	if (!make_room_for_first(t))
		return FRAGMENTS_FULL;
	expire(t, f->at);
	const struct key key = key_of(f);
	const uint64_t hash = hash_bytes(&t->hash_key, &key, sizeof key);
	struct datagram *d = find(t, &key, hash);
	if (!d && !(d = create(t, &key, hash, f->at)))
		return FRAGMENTS_FULL;
	if (!fits(d, f)) {
		drop_counted(t, d, &t->held.refused);
		return FRAGMENTS_MALFORMED;
	}
	if (!is_known(d, f) && !keep_piece(t, d, f)) {
		drop_counted(t, d, &t->held.evicted);
		return FRAGMENTS_FULL;
	}
	if (is_whole(d)) {
		join(t, d, out);
		return FRAGMENTS_WHOLE;
	}
	d->frames++;
	t->held.waiting++;
	return FRAGMENTS_HELD;
}

struct pressure fragments_pressure(const struct fragments *t)
{
	return t->pressure;
}

struct decoder_held fragments_held(const struct fragments *t)
{
	return t->held;
}

void fragments_free(struct fragments *t)
{
	if (!t)
		return;
	for (struct datagram *d = t->oldest, *newer; d; d = newer) {
		newer = d->newer;
		free_datagram(d);
	}
	free(t->buckets);
	free(t->joined);
	free(t);
}
