/*
 * report.h - endpoints' own reports on quality as records: RTCP XR VoIP metrics (RFC 3611)
 * and vq-rtcpxr bodies in SIP (RFC 6035).  They are claims: no figure of ours is made of
 * them.
 */
#ifndef EARSHOT_TRACK_REPORT_H
#define EARSHOT_TRACK_REPORT_H

#include "analyzer/model/packet.h"
#include "analyzer/track/context.h"
#include "analyzer/wire/rtcp_xr.h"
#include "analyzer/wire/vq_report.h"

/* Metrics as the reporter has them; who and about what is for the caller. */
void report_of_xr(const struct rtcp_xr_voip *voip, struct report_record *out);
/*
 * One side of a report.  What the local side measured came from the remote one, whose SSRC
 * the stream then has; and the other way round.
 */
void report_of_vq(struct context *context, const struct vq_report *report,
                  enum report_side side, struct report_record *out);

/* Fills in where it came from and the id, which `part` tells from others of the packet. */
void report_give(struct context *context, const struct packet *packet, unsigned int part,
                 struct report_record *report);

#endif
