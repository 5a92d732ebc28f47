#include "analyzer/wire/rtcp_xr.h"

#include <math.h>

enum {
	XR_WORD_BYTES = 4,
	XR_DLRR_BYTES = 12,
	XR_NONE_U8 = 127, /* sections 4.7.4 and 4.7.5 */
	XR_NONE_U16 = 65535,
	XR_MAX_R = 100,
	XR_MIN_MOS = 10, /* tenths */
	XR_MAX_MOS = 50,
};

struct rtcp_xr_walk rtcp_xr_walk_begin(struct span body)
{
	struct rtcp_xr_walk walk = { .reader = reader_of(body) };
	read_u32(&walk.reader); /* the sender */
	return walk;
}

static int64_t read_if(struct reader *r, bool there)
{
	const uint32_t value = read_u32(r);
	return there ? (int64_t)value : -1;
}

static int read_ttl(struct reader *r, bool there)
{
	const uint8_t value = read_u8(r);
	return there ? value : -1;
}

/*
 * |     BT=6      |L|D|J|ToH|rsvd.|       block length = 9        |
 * |                        SSRC of source                         |
 * |          begin_seq            |             end_seq           |
 * |                         lost_packets                          |
 * |                          dup_packets                          |
 * |              min_jitter, max_, mean_ and dev_jitter           |
 * | min_ttl_or_hl | max_ttl_or_hl |mean_ttl_or_hl | dev_ttl_or_hl |  section 4.6
 */
static void read_statistics(struct reader *r, uint8_t flags, struct rtcp_xr_statistics *out)
{
	const bool jitter = flags & 0x20;
	const unsigned int ttl = flags >> 3 & 3;
	const bool has_ttl = ttl == RTCP_XR_TTL_IPV4 || ttl == RTCP_XR_HOP_LIMIT_IPV6;
	out->about_ssrc = read_u32(r);
	out->begin_sequence = read_u16(r);
	out->end_sequence = read_u16(r);
	out->lost = read_if(r, flags & 0x80);
	out->duplicates = read_if(r, flags & 0x40);
	out->min_jitter_ticks = read_if(r, jitter);
	out->max_jitter_ticks = read_if(r, jitter);
	out->mean_jitter_ticks = read_if(r, jitter);
	out->dev_jitter_ticks = read_if(r, jitter);
	out->ttl_kind = has_ttl ? (enum rtcp_xr_ttl)ttl : RTCP_XR_TTL_NONE;
	out->min_ttl = read_ttl(r, has_ttl);
	out->max_ttl = read_ttl(r, has_ttl);
	out->mean_ttl = read_ttl(r, has_ttl);
	out->dev_ttl = read_ttl(r, has_ttl);
}

static double read_share_pct(struct reader *r)
{
	return read_u8(r) * 100.0 / 256.0;
}

static double read_ms(struct reader *r)
{
	const uint16_t ms = read_u16(r);
	return ms == XR_NONE_U16 ? NAN : ms;
}

/* Two's complement. */
static double read_level(struct reader *r)
{
	const uint8_t level = read_u8(r);
	if (level == XR_NONE_U8)
		return NAN;
	return level & 0x80 ? level - 256.0 : level;
}

static double read_echo(struct reader *r)
{
	const uint8_t db = read_u8(r);
	return db == XR_NONE_U8 ? NAN : db;
}

static double read_r_factor(struct reader *r)
{
	const uint8_t value = read_u8(r);
	return value > XR_MAX_R ? NAN : value;
}

static double read_mos(struct reader *r)
{
	const uint8_t tenths = read_u8(r);
	return tenths < XR_MIN_MOS || tenths > XR_MAX_MOS ? NAN : tenths / 10.0;
}

/*
 * |     BT=7      |   reserved    |       block length = 8        |
 * |                        SSRC of source                         |
 * |   loss rate   | discard rate  | burst density |  gap density  |
 * |       burst duration          |         gap duration          |
 * |     round trip delay          |       end system delay        |
 * | signal level  |  noise level  |     RERL      |     Gmin      |
 * |   R factor    | ext. R factor |    MOS-LQ     |    MOS-CQ     |
 * |PLC|JBA|JB rate|   reserved    |          JB nominal           |
 * |          JB maximum           |          JB abs max           |  section 4.7
 */
static void read_voip(struct reader *r, struct rtcp_xr_voip *out)
{
	out->about_ssrc = read_u32(r);
	out->loss_pct = read_share_pct(r);
	out->discard_pct = read_share_pct(r);
	out->burst_density_pct = read_share_pct(r);
	out->gap_density_pct = read_share_pct(r);
	out->burst_ms = read_ms(r);
	out->gap_ms = read_ms(r);
	out->round_trip_ms = read_ms(r);
	out->end_system_ms = read_ms(r);
	out->signal_dbm0 = read_level(r);
	out->noise_dbm0 = read_level(r);
	out->echo_return_loss_db = read_echo(r);
	out->gmin = read_u8(r);
	out->r_factor = read_r_factor(r);
	out->external_r_factor = read_r_factor(r);
	out->mos_lq = read_mos(r);
	out->mos_cq = read_mos(r);
	const uint8_t config = read_u8(r);
	out->concealment = (enum rtcp_xr_concealment)(config >> 6);
	out->buffer = (enum rtcp_xr_buffer)(config >> 4 & 3);
	out->buffer_rate = config & 0x0f;
	read_u8(r); /* reserved */
	out->buffer_nominal_ms = read_ms(r);
	out->buffer_max_ms = read_ms(r);
	out->buffer_abs_max_ms = read_ms(r);
}

/* A block longer than its type asks for may be a later edition's: the rest is left alone.
 */
static enum status read_items(uint8_t specific, struct rtcp_xr_block *out)
{
	struct reader r = reader_of(out->items);
	switch (out->type) {
	case RTCP_XR_RRTR:
		out->ntp = read_u64(&r);
		break;
	case RTCP_XR_DLRR:
		return out->items.len % XR_DLRR_BYTES ? ERR_MALFORMED : OK;
	case RTCP_XR_STATISTICS:
		read_statistics(&r, specific, &out->statistics);
		break;
	case RTCP_XR_VOIP:
		read_voip(&r, &out->voip);
		break;
	default:
		break;
	}
	return r.ran_out ? ERR_MALFORMED : OK;
}

/* |      BT       | type-specific | block length: 32-bit words minus one |  section 3 */
enum status rtcp_xr_next(struct rtcp_xr_walk *walk, struct rtcp_xr_block *out)
{
	if (walk->reader.rest.len == 0)
		return ERR_NOT_FOUND;
	out->type = read_u8(&walk->reader);
	const uint8_t specific = read_u8(&walk->reader);
	const size_t len = (size_t)read_u16(&walk->reader) * XR_WORD_BYTES;
	out->items = take(&walk->reader, len);
	if (walk->reader.ran_out)
		return ERR_TRUNCATED;
	return read_items(specific, out);
}

bool rtcp_xr_next_dlrr(struct span *rest, struct rtcp_xr_dlrr *out)
{
	struct reader r = reader_of(*rest);
	out->ssrc = read_u32(&r);
	out->lrr = read_u32(&r);
	out->dlrr = read_u32(&r);
	*rest = r.rest;
	return !r.ran_out;
}
