#include "probe/config_table.h"

#include <string.h>

#include "analyzer/model/memory_shares.h"
#include "probe/config_rows.h"

static const struct config_key of_the_probe[] = {
	/* clang-format off */
	{ "sensor", CONFIG_SECTION,
	  .doc = "This probe." },
	{ "sensor.id", CONFIG_TEXT, AT_START, AT(settings.sensor),
	  .doc = "Name of the probe.  The ids of all records are made with it: probes that "
	         "report to one place need different ones." },
	{ "sensor.site", CONFIG_TEXT, AT_START, AT(site), .example = "frankfurt",
	  .doc = "Where it stands." },
	{ "sensor.point", CONFIG_TEXT, AT_START, AT(point), .example = "outside",
	  .doc = "Where in the network it listens: before or behind which device." },
	{ "sensor.time_zone", CONFIG_CUSTOM, AT(time_zone), AT_START, TAKE(time_zone), SHOW(time_zone), .example = "Europe/Berlin",
	  .allowed = "a name of the IANA time zone database",
	  .doc = "Time zone of the site: hours of the week and days are counted in it." },

	{ "capture", CONFIG_SECTION,
	  .doc = "Where `earshot monitor` listens." },
	{ "capture.interfaces", CONFIG_OBJECTS, .begin = config_begin_interface,
	  .end = config_end_interface,
	  .doc = "Interfaces, mirror ports as a rule, at most 8; --interface goes before them." },
	{ "capture.interfaces[].name", CONFIG_TEXT, AT(capture.draft.name), .example = "eth1",
	  .doc = "What the system calls it.  Needed." },
	{ "capture.interfaces[].label", CONFIG_TEXT, AT(capture.draft.label),
	  .example = "mirror of the SBC",
	  .doc = "What people call it: in the status and in events." },
	{ "capture.interfaces[].point", CONFIG_TEXT, AT(capture.draft.point), .example = "outside",
	  .doc = "Where in the network it listens, if not where sensor.point says.  Copies of a "
	         "mirror are removed within a point alone; what two points show of the same "
	         "streams measures what lies between them.  In pcapng files interfaces are known "
	         "by these names, too." },
	{ "capture.bpf", CONFIG_TEXT, AT(capture.bpf), .example = "\"udp or tcp port 5060\"",
	  .doc = "Only frames that match, see pcap-filter(7)." },
	{ "capture.snaplen", CONFIG_NUMBER, AT(capture.snaplen), .least = 64, .most = 65535,
	  .doc = "Bytes kept of a frame." },
	{ "capture.buffer_mib", CONFIG_NUMBER, AT(capture.buffer_mib), .least = 1, .most = 2047,
	  .doc = "Memory for frames not yet read, of each interface, in MiB." },
	{ "capture.workers", CONFIG_NUMBER, AT(capture.workers), .least = 1, .most = LIVE_WORKERS,
	  .doc = "Threads that take frames off the interfaces, which the kernel shares out by "
	         "flow; with 1 the engine does it beside the analysis.  More are of use where "
	         "bursts get lost; what is recorded stays the same." },
	{ "capture.promiscuous", CONFIG_FLAG, AT(capture.promiscuous),
	  .doc = "Frames for others, too: a mirror port has no other." },
	{ "capture.timestamps", CONFIG_NAME_OF, AT(capture.stamps), NAMES(capture_stamp_names),
	  .doc = "Whose clock stamps frames, in nanoseconds: the system's, or the network "
	         "adapter's where it has one that is set." },
	{ "capture.listen", CONFIG_CUSTOM, TAKE(capture_listen), .example = "\"127.0.0.1:9061\"",
	  .allowed = "ADDRESS:PORT",
	  .doc = "Where captures are taken that others make and send on by TCP, as by tcpdump -w "
	         "- | nc.  Whoever can connect there is believed: keep it to machines of yours." },
	{ "capture.silent_s", CONFIG_SECONDS, AT(capture.silent), .most = 86400,
	  .doc = "An interface that brings no frame for so long, in seconds, is an event; 0: it "
	         "is none." },
	{ "capture.one_sided_s", CONFIG_SECONDS, AT(capture.one_sided), .most = 86400,
	  .doc = "Requests without responses, or media one way only, in nearly all calls for so "
	         "long, in seconds, is an event; 0: it is none." },

	{ "hep", CONFIG_SECTION,
	  .doc = "What proxies and media relays tell by HEP3: Kamailio, OpenSIPS, FreeSWITCH, "
	         "Asterisk, rtpengine, heplify." },
	{ "hep.listen", CONFIG_CUSTOM, TAKE(hep_listen), .example = "\"0.0.0.0:9060\"",
	  .allowed = "ADDRESS:PORT",
	  .doc = "Where they are heard, by UDP and TCP." },
	{ "hep.allow", CONFIG_CUSTOM, LIST(hep_allow), .example = "[198.51.100.7, 203.0.113.0/28]",
	  .allowed = "addresses or ADDRESS/BITS, at most 64",
	  .doc = "Who may tell.  Without any: everybody who has the key, and without a key this "
	         "machine alone.  Addresses of UDP are easily forged." },
	{ "hep.key", CONFIG_TEXT, AT(hep.key), .example = "\"a long word\"",
	  .doc = "What they have to say in the authentication chunk." },

	{ "watch", CONFIG_SECTION,
	  .doc = "A folder of captures, in place of interfaces." },
	{ "watch.folder", CONFIG_TEXT, AT_START, AT(capture.watch), .example = "/var/spool/captures",
	  .doc = "Captures that are written there are read, each when it is finished and once; "
	         "--watch goes before it." },

	{ "decode", CONFIG_SECTION,
	  .doc = "What frames are." },
	{ "decode.ndpi", CONFIG_FLAG, AT_START, AT(ndpi),
	  .doc = "Voice traffic of other applications (Teams, Zoom, WhatsApp and others) is "
	         "told apart by nDPI, and counted." },

	{ "sip", CONFIG_SECTION,
	  .doc = "Signalling." },
	{ "sip.ports", CONFIG_CUSTOM, AT(settings.sip_ports), AT_START, LIST(ports), SHOW(ports),
	  .allowed = "port numbers of 1 to 65535, at most 16",
	  .doc = "Ports where SIP is looked for at once.  On any other port it is known by its "
	         "first line." },

	{ "media", CONFIG_SECTION,
	  .doc = "RTP and its quality." },
	{ "media.interval_s", CONFIG_SECONDS, AT_START, AT(settings.interval), .least = 1, .most = 60,
	  .doc = "Length of the slots of a stream's timeline, in seconds." },
	{ "media.jitter_buffers", CONFIG_CUSTOM, AT(settings.playout), AT_START, TAKE(jitter_buffers), SHOW(jitter_buffers),
	  .allowed = "FIXED,FIXED,LEAST-MOST, both rising, in ms of 1 to 10000",
	  .doc = "The de-jitter buffers that are emulated: two of a fixed length, and the bounds "
	         "of the adaptive one, which the MOS is of." },
	{ "media.codecs", CONFIG_CUSTOM, AT(settings.overrides), AT_START, LIST(codecs), .example = "[\"opus=11,20,fb\"]",
	  .allowed = "NAME=IE,BPL[,BAND] or NAME:MODE=IE,BPL[,BAND], at most 64",
	  .doc = "Figures of the E-model to score codecs with in place of the built-in ones." },
	{ "media.rtp_map", CONFIG_CUSTOM, AT(settings.rtp_map), AT_START, LIST(rtp_map), .example = "[97=opus/48000]",
	  .allowed = "PT=NAME/CLOCK",
	  .doc = "What dynamic payload types are where no SDP says it." },
	{ "media.no_plc", CONFIG_FLAG, AT_START, AT(settings.no_plc),
	  .doc = "The receivers of G.711 do not conceal lost packets." },
	{ "media.audio", CONFIG_FLAG, AT_START, AT(settings.audio_facts),
	  .doc = "Decode streams of G.711 and L16 and say what they sound like.  No sound is "
	         "stored." },

	{ "limits", CONFIG_SECTION,
	  .doc = "How much memory may be used.  What finds no room is counted, and so is what "
	         "made room for it.  Changes need a restart." },
	{ "limits.memory_cap", CONFIG_BYTES, AT_START, AT(settings.memory_cap),
	  .least = MEMORY_CAP_LEAST, .most = MEMORY_CAP_MOST,
	  .doc = "Memory for all that is remembered of the network: calls and their texts have "
	         "26 % of it, streams 24 %, timelines 7.5 %, TCP connections 6 %, registered "
	         "contacts 4.5 %, IP fragments 3.6 %, records that wait for the database 12 %; "
	         "some 50,000 streams and 34,000 calls at once for 512 MiB.  The program itself "
	         "needs 64 MiB more." },
	{ "limits.calls", CONFIG_NUMBER, AT_START, AT(own_limits.calls), .least = 16, .most = MEMORY_ENTRIES_MOST, .example = "100000",
	  .doc = "Calls at once, in place of what memory_cap allows." },
	{ "limits.streams", CONFIG_NUMBER, AT_START, AT(own_limits.streams), .least = 16, .most = MEMORY_ENTRIES_MOST, .example = "200000",
	  .doc = "Streams at once, likewise." },
	{ "limits.probations", CONFIG_NUMBER, AT_START, AT(own_limits.probations), .least = 16, .most = MEMORY_ENTRIES_MOST, .example = "50000",
	  .doc = "Flows at once that may turn out to be RTP which nobody announced." },
	{ "limits.registrations", CONFIG_NUMBER, AT_START, AT(own_limits.registrations), .least = 16, .most = MEMORY_ENTRIES_MOST, .example = "50000",
	  .doc = "Attempts to register that go on at once." },
	{ "limits.bindings", CONFIG_NUMBER, AT_START, AT(own_limits.bindings), .least = 16, .most = MEMORY_ENTRIES_MOST, .example = "200000",
	  .doc = "Contacts that are registered." },
	{ "limits.peers", CONFIG_NUMBER, AT_START, AT(own_limits.peers), .least = 16, .most = MEMORY_ENTRIES_MOST, .example = "50000",
	  .doc = "Signalling addresses that are asked, phones that are called among them." },
	{ "limits.fragments", CONFIG_BYTES, AT_START, AT(own_limits.fragment_bytes), .least = 65536, .most = MEMORY_CAP_MOST, .example = "32MiB",
	  .doc = "Memory for IP datagrams that are not whole." },
	{ "limits.tcp", CONFIG_BYTES, AT_START, AT(own_limits.tcp_bytes), .least = 65536, .most = MEMORY_CAP_MOST, .example = "64MiB",
	  .doc = "Memory for TCP connections." },
	{ "limits.queue", CONFIG_BYTES, AT_START, AT(own_limits.queue_bytes), .least = 1 << 20, .most = MEMORY_CAP_MOST, .example = "64MiB",
	  .doc = "Memory for records that wait for the database." },

	{ "trunks", CONFIG_OBJECTS, .begin = config_begin_trunk, .end = config_end_trunk,
	  .doc = "The peers that are known by name, at most 1000.  Legs belong to them by "
	         "their signalling addresses, streams by their media addresses.  Others are "
	         "unknown peers, grouped by address." },
	{ "trunks[].name", CONFIG_TEXT, AT(draft.trunk.name), .example = "carrier-a",
	  .doc = "What records, tables and metrics call it.  Needed." },
	{ "trunks[].site", CONFIG_TEXT, AT(draft.trunk.site), .example = "frankfurt",
	  .doc = "Where it is." },
	{ "trunks[].role", CONFIG_NAME_OF, AT(draft.trunk.role), NAMES(trunk_role_names),
	  .example = "carrier",
	  .doc = "What it is." },
	{ "trunks[].type", CONFIG_NAME_OF, AT(draft.trunk.type), NAMES(trunk_type_names),
	  .doc = "Whether it is told by its addresses alone, or works as long as it is "
	         "registered." },
	{ "trunks[].addresses", CONFIG_CUSTOM, LIST(trunk_addresses),
	  .example = "[198.51.100.0/24, \"198.51.101.9:5080\"]",
	  .allowed = "addresses, ADDRESS/BITS, ADDRESS:PORT or ADDRESS:FIRST-LAST, at most 256",
	  .doc = "Addresses of its signalling; without ports, of its media, too.  The longest "
	         "prefix decides, then the fewest ports." },
	{ "trunks[].media", CONFIG_CUSTOM, LIST(trunk_media),
	  .example = "[203.0.113.0/25, \"[2001:db8::9]:10000-19999\"]",
	  .allowed = "addresses, ADDRESS/BITS, ADDRESS:PORT or ADDRESS:FIRST-LAST, at most 256",
	  .doc = "Further addresses of its media." },
	{ "trunks[].group", CONFIG_TEXT, AT(draft.trunk.group), .example = "pstn",
	  .doc = "Redundancy group: trunks that stand in for each other." },
	{ "trunks[].redundancy", CONFIG_NAME_OF, AT(draft.trunk.redundancy),
	  NAMES(trunk_redundancy_names), .example = "primary",
	  .doc = "Its part in the group: primary and backup, or active ones that share the "
	         "load." },
	{ "trunks[].priority", CONFIG_NUMBER, AT(draft.trunk.priority), .most = 1000,
	  .doc = "In the group: trunks with lower figures get calls first." },
	{ "trunks[].channels", CONFIG_NUMBER, AT(draft.trunk.channels), .least = 1,
	  .most = 1000000, .example = "120",
	  .doc = "Calls that it carries at once." },
	{ "trunks[].number_format", CONFIG_NAME_OF, AT(draft.trunk.number_format),
	  NAMES(number_format_names),
	  .doc = "How numbers are to be written on it: +442071838750 is e164, 442071838750 or "
	         "00442071838750 is international, 02071838750 is national.  Short numbers and "
	         "names are of any format." },
	{ "trunks[].codecs", CONFIG_CUSTOM, LIST(trunk_codecs), .example = "[PCMA, G722]",
	  .allowed = "names of audio codecs, at most 16",
	  .doc = "Audio codecs expected on it; others are marked." },
	{ "trunks[].dscp", CONFIG_CUSTOM, TAKE(trunk_dscp), .example = "46",
	  .allowed = "a whole number of 0 to 63",
	  .doc = "DSCP expected of its media." },
	{ "trunks[].dscp_signalling", CONFIG_CUSTOM, TAKE(trunk_dscp_signalling),
	  .example = "24", .allowed = "a whole number of 0 to 63",
	  .doc = "DSCP expected of its signalling." },
	{ "trunks[].transports", CONFIG_CUSTOM, LIST(trunk_transports), .example = "[udp, tls]",
	  .allowed = "udp, tcp, tls, ws, wss, sctp",
	  .doc = "Transports of SIP allowed on it." },
	{ "trunks[].media_security", CONFIG_NAME_OF, AT(draft.trunk.media_security),
	  NAMES(media_security_names),
	  .doc = "Whether its media has to be encrypted, or in clear." },

	{ "numbers", CONFIG_SECTION,
	  .doc = "Telephone numbers." },
	{ "numbers.country_code", CONFIG_DIGITS, AT(numbers.country_code), .example = "\"44\"",
	  .doc = "Country code here: national numbers are completed with it." },
	{ "numbers.national_prefix", CONFIG_DIGITS, AT(numbers.national_prefix),
	  .example = "\"0\"",
	  .doc = "What is dialled before a national number." },
	{ "numbers.international_prefix", CONFIG_DIGITS, AT(numbers.international_prefix),
	  .example = "\"00\"",
	  .doc = "What is dialled before a country code." },
	{ "numbers.emergency", CONFIG_CUSTOM, LIST(emergency), SHOW(emergency),
	  .allowed = "short numbers as they are dialled, at most 32",
	  .doc = "Emergency numbers.  112 and 911 are those of 3GPP TS 22.101." },
	{ "numbers.premium", CONFIG_CUSTOM, LIST(premium), .example = "[\"+449\", \"+4487\"]",
	  .allowed = "beginnings of international numbers, at most 1000",
	  .doc = "Numbers that cost: toll fraud calls them." },
	{ "numbers.prefixes", CONFIG_OBJECTS, .begin = config_begin_prefix,
	  .end = config_end_prefix,
	  .doc = "Labels of numbers by how they begin, the longest that fits; at most 1000.  "
	         "Where none does, the label is the country." },
	{ "numbers.prefixes[].prefix", CONFIG_DIGITS, AT(draft.prefix.digits),
	  .example = "\"+447\"",
	  .doc = "Beginning of an international number." },
	{ "numbers.prefixes[].label", CONFIG_TEXT, AT(draft.prefix.label),
	  .example = "mobile",
	  .doc = "What to call such numbers." },

	{ "correlation", CONFIG_SECTION,
	  .doc = "Which legs are one call." },
	{ "correlation.headers", CONFIG_CUSTOM, AT(settings.correlation_headers), AT_START, LIST(correlation_headers), SHOW(correlation_headers),
	  .allowed = "names of headers, at most 16",
	  .doc = "Headers whose whole value names the call, such as the Call-ID of the leg on "
	         "the other side of a B2BUA.  Session-ID and the headers of RFCs are known "
	         "without being listed." },

	{ "store", CONFIG_SECTION,
	  .doc = "What is kept of all this." },
	{ "store.redact", CONFIG_FLAG, AT_START, AT(settings.redact),
	  .doc = "Leave out of messages what nobody but their two ends may know, before anything "
	         "is shown or kept: keys of media, passwords and answers to challenges, bodies of "
	         "MESSAGE, dialled digits." },

	{ "store.keep_calls_days", CONFIG_REAL, AT(store.keep_days[RETENTION_CALLS]), .most = 36500,
	  .doc = "How long calls, legs, streams and whatever else is not named below are kept; 0 "
	         "is for ever.  Age is counted from when they were stored." },
	{ "store.keep_timelines_days", CONFIG_REAL, AT(store.keep_days[RETENTION_TIMELINES]),
	  .most = 36500, .doc = "The timelines of streams." },
	{ "store.keep_messages_days", CONFIG_REAL, AT(store.keep_days[RETENTION_MESSAGES]),
	  .most = 36500, .doc = "SIP messages as a whole." },
	{ "store.keep_kpis_days", CONFIG_REAL, AT(store.keep_days[RETENTION_KPIS]), .most = 36500,
	  .doc = "Key performance indicators, alerts and the health of the probe." },
	{ "store.calls_mib", CONFIG_NUMBER, AT(store.most_mib[RETENTION_CALLS]), .most = 67108864,
	  .doc = "Room for all but timelines and messages, in MiB: beyond it the oldest go; 0 is "
	         "any." },
	{ "store.timelines_mib", CONFIG_NUMBER, AT(store.most_mib[RETENTION_TIMELINES]),
	  .most = 67108864, .doc = "Room for timelines." },
	{ "store.messages_mib", CONFIG_NUMBER, AT(store.most_mib[RETENTION_MESSAGES]),
	  .most = 67108864, .doc = "Room for messages." },
	{ "store.disk_free_mib", CONFIG_NUMBER, AT(store.free_mib), .most = 1048576,
	  .doc = "With less than that free on the disk, or less than the share below, the oldest "
	         "messages are deleted, then timelines, then calls." },
	{ "store.disk_free_pct", CONFIG_NUMBER, AT(store.free_pct), .most = 90,
	  .doc = "The same in percent of the disk." },
	{ "store.keep_least_days", CONFIG_REAL, AT(store.least_days), .most = 36500,
	  .doc = "What is younger stays though the disk fills up." },
	{ "store.spill_mib", CONFIG_NUMBER, AT_START, AT(store.spill_mib), .least = 1, .most = 65536,
	  .doc = "Room beside the database for records that it does not take at the time." },

	{ "web", CONFIG_SECTION,
	  .doc = "The API and the pages, of earshot monitor and of earshot serve." },
	{ "web.listen", CONFIG_CUSTOM, AT(web.listen), AT_START, LIST(web_listen), SHOW(web_listen),
	  .allowed = "ADDRESS:PORT or [ADDRESS]:PORT, at most 8",
	  .doc = "Where it is reached.  On an address that is not of this machine alone it is to "
	         "be encrypted, or behind a proxy that does so." },
	{ "web.tls_certificate", CONFIG_TEXT, AT_START, AT(web.certificate),
	  .example = "/etc/earshot/tls.crt",
	  .doc = "PEM file with the certificate and those above it.  A new one is taken within "
	         "seconds; connections begin anew then." },
	{ "web.tls_key", CONFIG_TEXT, AT_START, AT(web.key), .example = "/etc/earshot/tls.key",
	  .doc = "PEM file with its key; the user that the database belongs to must be able to "
	         "read it." },
	{ "web.login", CONFIG_FLAG, AT_START, AT(web.login),
	  .doc = "Under earshot serve nobody is served without an account, not on this machine "
	         "either.  Under earshot monitor it is always so." },
	{ "web.masking", CONFIG_NAME_OF, AT_START, AT(web.masking), NAMES(auth_masking_names),
	  .doc = "Who sees numbers, names and addresses of people and not pseudonyms: who has "
	         "the right pii, nobody (always), or everybody who may ask (never)." },
	{ "web.access_log", CONFIG_TEXT, AT_START, AT(web.access_log),
	  .example = "/var/lib/earshot/access.log",
	  .doc = "File with a line for each answer: time, address, user, path, status, size, "
	         "duration." },

	{ "sla", CONFIG_SECTION,
	  .doc = "What was agreed on with those whose trunks are measured, for `earshot report sla`."
	         "  A target of 0 is none." },
	{ "sla.availability_pct", CONFIG_REAL, AT(sla.targets[SLA_AVAILABILITY]), .most = 100,
	  .doc = "Percent of the measured time, at least, in which an address of "
	         "the trunk answers." },
	{ "sla.time_to_detect_s", CONFIG_REAL, AT(sla.targets[SLA_DETECT]), .most = 1e+09,
	  .doc = "Longest time from the first sign of an incident to its detection, "
	         "in seconds." },
	{ "sla.time_to_restore_s", CONFIG_REAL, AT(sla.targets[SLA_RESTORE]), .most = 1e+09,
	  .doc = "Longest time from the first sign of an incident to the first "
	         "answer again, in seconds." },
	{ "sla.ner", CONFIG_REAL, AT(sla.targets[SLA_NER]), .most = 100,
	  .doc = "Network effectiveness ratio, at least, in percent." },
	{ "sla.pdd_p50_ms", CONFIG_REAL, AT(sla.targets[SLA_PDD_P50]), .most = 1e+09,
	  .doc = "Post-dial delay, median, in ms." },
	{ "sla.pdd_p95_ms", CONFIG_REAL, AT(sla.targets[SLA_PDD_P95]), .most = 1e+09,
	  .doc = "Post-dial delay, 95th percentile, in ms." },
	{ "sla.srd_p95_ms", CONFIG_REAL, AT(sla.targets[SLA_SRD_P95]), .most = 1e+09,
	  .doc = "Session request delay (RFC 6076), 95th percentile, in ms." },
	{ "sla.loss_pct", CONFIG_REAL, AT(sla.targets[SLA_LOSS]), .most = 100,
	  .doc = "Packets lost, in percent." },
	{ "sla.loss_p95_pct", CONFIG_REAL, AT(sla.targets[SLA_LOSS_P95]), .most = 100,
	  .doc = "Loss of a stream, 95th percentile, in percent." },
	{ "sla.jitter_p50_ms", CONFIG_REAL, AT(sla.targets[SLA_JITTER_P50]), .most = 1e+09,
	  .doc = "Jitter of a stream, median, in ms." },
	{ "sla.jitter_p95_ms", CONFIG_REAL, AT(sla.targets[SLA_JITTER_P95]), .most = 1e+09,
	  .doc = "Jitter of a stream, 95th percentile, in ms." },
	{ "sla.mos_nb_p5", CONFIG_REAL, AT(sla.targets[SLA_MOS_NB_P5]), .most = 5,
	  .doc = "MOS of narrowband streams, 5th percentile, at least." },
	{ "sla.mos_nb_p50", CONFIG_REAL, AT(sla.targets[SLA_MOS_NB_P50]), .most = 5,
	  .doc = "MOS of narrowband streams, median, at least." },
	{ "sla.mos_wb_p5", CONFIG_REAL, AT(sla.targets[SLA_MOS_WB_P5]), .most = 5,
	  .doc = "MOS of wideband streams, 5th percentile, at least." },
	{ "sla.mos_wb_p50", CONFIG_REAL, AT(sla.targets[SLA_MOS_WB_P50]), .most = 5,
	  .doc = "MOS of wideband streams, median, at least." },
	{ "sla.maintenance", CONFIG_OBJECTS, AT(sla.windows), .begin = config_begin_maintenance,
	  .end = config_end_maintenance,
	  .doc = "Windows of maintenance, at most 256: what is in them does not count." },
	{ "sla.maintenance[].from", CONFIG_CUSTOM, TAKE(maintenance_from),
	  .example = "2026-03-28T22:00:00Z", .allowed = "a time", .doc = "When it begins.  Needed." },
	{ "sla.maintenance[].to", CONFIG_CUSTOM, TAKE(maintenance_to),
	  .example = "2026-03-29T02:00:00Z", .allowed = "a time", .doc = "When it ends.  Needed." },
	{ "sla.maintenance[].trunk", CONFIG_TEXT, AT(draft.window.trunk), .example = "carrier-a",
	  .doc = "The trunk that is meant; without it all are." },
	/* clang-format on */
};

/* In the order in which they are shown; a section before its keys. */
static const struct {
	const struct config_key *keys;
	const size_t *count;
} parts[] = {
	{ of_the_probe, &(const size_t){ ARRAY_LEN(of_the_probe) } },
	{ config_alert_keys, &config_alert_key_count },
};

const struct config_key *config_key_at(size_t place)
{
	for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
		if (place < *parts[i].count)
			return &parts[i].keys[place];
		place -= *parts[i].count;
	}
	return NULL;
}

const struct config_key *config_key_find(struct text path)
{
	const struct config_key *key;
	for (size_t i = 0; (key = config_key_at(i)); i++)
		if (text_equal(text_from(key->path), path))
			return key;
	return NULL;
}

size_t config_key_depth(const struct config_key *key)
{
	size_t depth = 0;
	for (const char *c = key->path; *c; c++)
		depth += *c == '.';
	return depth;
}

struct text config_key_parent(const struct config_key *key)
{
	const char *point = strrchr(key->path, '.');
	return (struct text){ key->path, point ? (size_t)(point + 1 - key->path) : 0 };
}

struct text config_key_name(const struct config_key *key)
{
	return text_skip(text_from(key->path), config_key_parent(key).len);
}
