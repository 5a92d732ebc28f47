"""HEP3 as its senders write it: Kamailio's siptrace, OpenSIPS' proto_hep, FreeSWITCH
(mod_sofia), Asterisk's res_hep and res_hep_rtcp, rtpengine, heplify.  Each has its own order
of chunks, and chunks of its own."""
import json
import socket
import struct

UDP, TCP, IDP = 17, 6, 22
SIP, RTCP, RTP_SHORT, RTP_FINAL, LOG = 1, 5, 34, 35, 100


def chunk(kind, value, vendor=0):
    return struct.pack(">HHH", vendor, kind, 6 + len(value)) + value


def frame(*chunks):
    body = b"".join(chunks)
    return b"HEP3" + struct.pack(">H", 6 + len(body)) + body


def ends(src, dst):
    """The chunks of both addresses and ports."""
    if ":" in src[0]:
        family, kinds, pack = 10, (5, 6), lambda a: socket.inet_pton(socket.AF_INET6, a)
    else:
        family, kinds, pack = 2, (3, 4), socket.inet_aton
    return {"family": chunk(1, bytes([family])), "src": chunk(kinds[0], pack(src[0])),
            "dst": chunk(kinds[1], pack(dst[0])), "sport": chunk(7, struct.pack(">H", src[1])),
            "dport": chunk(8, struct.pack(">H", dst[1]))}


def common(src, dst, at, protocol, kind, capture_id):
    return {**ends(src, dst), "protocol": chunk(2, bytes([protocol])),
            "sec": chunk(9, struct.pack(">I", int(at // 1_000_000))),
            "usec": chunk(10, struct.pack(">I", int(at % 1_000_000))),
            "type": chunk(11, bytes([kind])), "id": chunk(12, struct.pack(">I", capture_id))}


def ordered(c, names):
    return [c[name] for name in names.split()]


def kamailio(src, dst, at, payload, protocol=UDP, kind=SIP, capture_id=1, key=None, correlation=b""):
    c = common(src, dst, at, protocol, kind, capture_id)
    return frame(*ordered(c, "family protocol src dst sport dport sec usec type id"),
                 *([chunk(17, correlation)] if correlation else []),
                 *([chunk(14, key)] if key else []), chunk(15, payload))


def opensips(src, dst, at, payload, protocol=UDP, kind=SIP, capture_id=2, key=None, correlation=b"x"):
    c = common(src, dst, at, protocol, kind, capture_id)
    return frame(*ordered(c, "family protocol src dst sport dport sec usec type id"),
                 *([chunk(14, key)] if key else []), chunk(15, payload),
                 chunk(17, correlation), chunk(1, b"a chunk of its own", vendor=3))


def freeswitch(src, dst, at, payload, protocol=UDP, kind=SIP, capture_id=200, key=None,
               correlation=b""):
    c = common(src, dst, at, protocol, kind, capture_id)
    return frame(*ordered(c, "family protocol sport dport sec usec type id src dst"),
                 *([chunk(14, key)] if key else []), chunk(15, payload))


def asterisk(src, dst, at, payload, protocol=UDP, kind=SIP, capture_id=1234, key=None,
             correlation=b"x"):
    c = common(src, dst, at, protocol, kind, capture_id)
    return frame(*ordered(c, "family protocol sport dport sec usec type id src dst"),
                 *([chunk(14, key)] if key else []), chunk(17, correlation), chunk(15, payload))


def rtpengine(src, dst, at, payload, protocol=UDP, kind=RTCP, capture_id=2001, key=None,
              correlation=b""):
    c = common(src, dst, at, protocol, kind, capture_id)
    return frame(*ordered(c, "family protocol src dst sport dport sec usec type id"),
                 chunk(17, correlation), chunk(15, payload))


def heplify(src, dst, at, payload, protocol=UDP, kind=SIP, capture_id=2002, key=None,
            correlation=b""):
    c = common(src, dst, at, protocol, kind, capture_id)
    return frame(*ordered(c, "family protocol src dst sport dport sec usec type id"),
                 chunk(14, key or b"myhep"), chunk(15, payload),
                 *([chunk(17, correlation)] if correlation else []),
                 chunk(18, struct.pack(">H", 0)), chunk(19, b"edge-7"))


SIP_SENDERS = {"kamailio": kamailio, "opensips": opensips, "freeswitch": freeswitch,
               "asterisk": asterisk, "heplify": heplify}


def rtcp_of_asterisk(sender, about, lost, fraction, jitter):
    """As rtcp_report_to_json and ast_json_dump_string make it: some numbers are strings."""
    return json.dumps({
        "ssrc": sender, "type": 200, "report_count": 1,
        "sender_information": {"ntp_timestamp_sec": "1790000000", "ntp_timestamp_usec": "250000",
                               "rtp_timestamp": 160000, "packets": 1000, "octets": 160000},
        "report_blocks": [{"source_ssrc": about, "fraction_lost": fraction, "packets_lost": lost,
                           "highest_seq_no": 70123, "ia_jitter": jitter, "lsr": "3183606784",
                           "dlsr": 32768}]}).encode()


def rtcp_of_rtpengine(sender, about, lost, fraction, jitter):
    """Put together by printf; the sum of losses has 24 bits without a sign."""
    return (b'{ "sender_information":{"ntp_timestamp_sec":3667834977,"ntp_timestamp_usec":'
            b'2355549043,"octets":82240,"rtp_timestamp":84679, "packets":514},"ssrc":%u,'
            b'"type":200,"report_count":1,"report_blocks":[{"source_ssrc":%u,"highest_seq_no":'
            b'4663,"fraction_lost":%u,"ia_jitter":%u,"packets_lost":%u,"lsr":3093100159,'
            b'"dlsr":296222},],"sdes_ssrc":%u,"sdes_report_count":1,"sdes_information": [ '
            b'{"type":1,"text":"a\\"b"}] }' % (sender, about, fraction, jitter, lost & 0xffffff,
                                              sender))


def rtcp_of_heplify(sender, about, lost, fraction, jitter):
    return json.dumps({
        "sender_information": {"ntp_timestamp_sec": 3953771345, "ntp_timestamp_usec": 0,
                               "rtp_timestamp": 2944344000, "packets": 2, "octets": 320},
        "ssrc": sender, "type": 202, "report_count": 1,
        "report_blocks": [{"source_ssrc": about, "fraction_lost": fraction, "packets_lost": lost,
                           "highest_seq_no": 0, "ia_jitter": jitter, "lsr": -1097006646,
                           "dlsr": 0}],
        "report_blocks_xr": {"type": 7, "id": about, "fraction_lost": 128, "fraction_discard": 64,
                             "burst_density": 0, "gap_density": 0, "burst_duration": 120,
                             "gap_duration": 4000, "round_trip_delay": 37,
                             "end_system_delay": 0},
        "sdes_ssrc": 0}).encode()


RTCP_SENDERS = {"asterisk": (asterisk, rtcp_of_asterisk),
                "rtpengine": (rtpengine, rtcp_of_rtpengine),
                "heplify": (heplify, rtcp_of_heplify)}


def rtp_of_heplify(call_id, src, dst, final):
    return json.dumps({
        "CORRELATION_ID": call_id, "RTP_SIP_CALL_ID": call_id, "DELTA": 19.983, "JITTER": 0.017,
        "REPORT_TS": 1462887045.6, "TL_BYTE": 0, "SKEW": 0.0, "TOTAL_PK": 1512,
        "EXPECTED_PK": 1520, "PACKET_LOSS": 8, "SEQ": 0, "MAX_JITTER": 0.02, "MAX_DELTA": 20.024,
        "MAX_SKEW": 0.172, "MEAN_JITTER": 0.126, "MIN_MOS": 4.032, "MEAN_MOS": 4.026, "MOS": 4.032,
        "RFACTOR": 80.2, "MIN_RFACTOR": 80.2, "MEAN_RFACTOR": 80.2, "SRC_IP": src[0],
        "SRC_PORT": src[1], "DST_IP": dst[0], "DST_PORT": dst[1], "SRC_MAC": "00-30-48-7E-5D-C6",
        "DST_MAC": "00-12-80-D7-38-5E", "OUT_ORDER": 0, "SSRC_CHG": 0, "CODEC_PT": 9, "CLOCK": 8000,
        "CODEC_NAME": "g722", "DIR": 0, "REPORT_NAME": f"{src[0]}:{src[1]}", "PARTY": 0,
        "TYPE": "HANGUP" if final else "PERIODIC"}).encode()
