"""claims.py - what endpoints report of a call: RTCP XR VoIP metrics and RFC 6035 bodies."""
import datetime
import re

from witness import packets, rows

# RFC 3611 4.7 and RFC 6035 4.6 by the names of Earshot's report records.
CONCEALMENT = {"1": "disabled", "2": "enhanced", "3": "standard"}
BUFFER = {"2": "fixed", "3": "adaptive"}
XR_METRICS = {"burst_ms": "burstduration", "gap_ms": "gapduration", "rtt_ms": "rtdelay",
              "end_system_ms": "esdelay", "signal_dbm0": "signallevel",
              "noise_dbm0": "noiselevel", "echo_return_loss_db": "rerl", "gmin": "gmin",
              "r_cq": "rfactor", "external_r_in": "extrfactor", "mos_lq": "moslq",
              "mos_cq": "moscq", "buffer_nominal_ms": "jbnominal", "buffer_max_ms": "jbmax",
              "buffer_abs_max_ms": "jbabsmax"}
VQ_METRICS = {"loss_pct": "NLR", "discard_pct": "JDR", "burst_density_pct": "BLD",
              "burst_ms": "BD", "gap_density_pct": "GLD", "gap_ms": "GD", "gmin": "GMIN",
              "rtt_ms": "RTD", "end_system_ms": "ESD", "jitter_ms": "IAJ",
              "signal_dbm0": "SL", "noise_dbm0": "NL", "r_lq": "RLQ", "r_cq": "RCQ",
              "mos_lq": "MOSLQ", "mos_cq": "MOSCQ", "buffer_nominal_ms": "JBN",
              "buffer_max_ms": "JBM", "buffer_abs_max_ms": "JBX"}
UNAVAILABLE = 127  # of the XR metrics that can be so
OR_MORE = 65535    # of the absolute maximum of a jitter buffer: no figure, RFC 3611 4.7.7


def known(report):
    """Without the figures that stand for there being none."""
    if report.get("buffer_abs_max_ms") == OR_MORE:
        report["buffer_abs_max_ms"] = None
    return report


def seconds(time):
    return datetime.datetime.fromisoformat(time).timestamp()


def xr_report(rtcp):
    """The VoIP metrics block of an XR packet; tshark gives fractions in 256ths."""
    def get(name):
        return rtcp.get(f"rtcp.xr.voipmetrics.{name}")
    out = {"ssrc": f"0x{int(rtcp.values['rtcp.ssrc.identifier'][-1], 0):08x}"}
    for name, field in XR_METRICS.items():
        out[name] = float(get(field))
    for name in ("signal_dbm0", "noise_dbm0", "echo_return_loss_db", "r_cq",
                 "external_r_in"):
        out[name] = None if out[name] == UNAVAILABLE else out[name]
    for name, field in (("loss_pct", "rtcp.ssrc.fraction"),
                        ("discard_pct", "rtcp.ssrc.discarded"),
                        ("burst_density_pct", "rtcp.xr.voipmetrics.burstdensity"),
                        ("gap_density_pct", "rtcp.xr.voipmetrics.gapdensity")):
        out[name] = rtcp.number(field) * 100 / 256
    return known({**out, "concealment": CONCEALMENT.get(get("plc")),
                  "buffer": BUFFER.get(get("jba"))})


def vq_metrics(lines):
    """Of the lines between LocalMetrics or RemoteMetrics and the next of these."""
    said = dict(re.findall(r'(\w+)=("[^"]*"|\S+)', " ".join(lines)))
    out = {name: float(said[word]) for name, word in VQ_METRICS.items() if word in said}
    out.update({"codec": said.get("PD"), "start": seconds(said["START"]),
                "stop": seconds(said["STOP"]),
                "concealment": CONCEALMENT.get(said.get("PLC")),
                "buffer": BUFFER.get(said.get("JBA"))})
    return known({name: value for name, value in out.items() if value is not None})


def vq_reports(body):
    lines = body.splitlines()
    head = dict(line.split(": ", 1) for line in lines if ": " in line)
    kind = re.match(r"VQ(\w+)Report", lines[0]).group(1).lower()
    starts = {line.split("Metrics")[0].lower(): number for number, line in enumerate(lines)
              if re.match(r"(Local|Remote)Metrics", line)}
    for side, start in starts.items():
        later = [n for n in starts.values() if n > start] + [len(lines)]
        yield {"source": f"vq_{kind}", "side": side, "reporter": head["LocalID"],
               "sip_call_id": head["CallID"], **vq_metrics(lines[start:min(later)])}


def reports(capture):
    """What endpoints claim of a call, in RTCP XR and in SIP bodies, as it passed."""
    out = []
    for at, src, dst, frame, _, rtcp in packets(capture, "rtcp.xr.bt == 7", "rtcp"):
        if rtcp.get("rtcp.xr.voipmetrics.gmin"):
            out.append({"at": at, "frame": frame, "src": src, "dst": dst, "source": "xr",
                        "side": "local", **xr_report(rtcp)})
    vq = 'udp && sip.Content-Type contains "vq-rtcpxr"'
    payloads = {int(row["frame.number"]): bytes.fromhex(row["udp.payload"])
                for row in rows(capture, vq, "frame.number", "udp.payload")}
    for at, src, dst, frame, _, _ in packets(capture, vq, "sip"):
        body = payloads[frame].partition(b"\r\n\r\n")[2].decode()
        out += [{"at": at, "frame": frame, "src": src, "dst": dst, **report}
                for report in vq_reports(body)]
    return sorted(out, key=lambda report: report["at"])
