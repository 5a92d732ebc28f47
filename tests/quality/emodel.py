"""The E-model in three bands, and what it knows of codecs; shares no code with analyzer/.

Written from the equations of ITU-T G.107 (06/2015), G.107.1 (06/2019) and G.107.2 (06/2019),
and the tables of G.113 Appendices I, IV and V; where those say nothing, the project's values.
"""
import dataclasses
import math

DEFAULTS = {
    "SLR": 8, "RLR": 2, "STMR": 15, "Ds": 3, "Dr": 3, "TELR": 65, "WEPL": 110, "T": 0, "Tr": 0,
    "Ta": 0, "qdu": 1, "mT": 100, "sT": 1, "Nc": -70, "Nfor": -64, "Ps": 35, "Pr": 35,
    "Ie": 0, "Bpl": 4.3, "Ppl": 0, "BurstR": 1, "A": 0,
}
SCALE = {"nb": 1, "wb": 1.29, "fb": 1.48}
CEILING = {"nb": 95, "wb": 95, "fb": 132}


def decibel_sum(*levels):
    return 10 * math.log10(sum(10 ** (level / 10) for level in levels))


def delay_term(ta, mt, st):
    """Idd of the narrowband model: what pure delay costs."""
    if ta <= mt:
        return 0.0
    x, e = math.log2(ta / mt), 6 * st
    return 25 * ((1 + x ** e) ** (1 / e) - 3 * (1 + (x / 3) ** e) ** (1 / e) + 2)


def codec_term(band, ie, bpl, ppl, burst_ratio):
    return ie + (CEILING[band] - ie) * ppl / (ppl / burst_ratio + bpl)


def narrowband_terms(p):
    """The terms of R for the parameters p, a dict with every name of DEFAULTS."""
    olr = p["SLR"] + p["RLR"]
    nos = p["Ps"] - p["SLR"] - p["Ds"] - 100 + 0.004 * (p["Ps"] - olr - p["Ds"] - 14) ** 2
    pre = p["Pr"] + 10 * math.log10(1 + 10 ** ((10 - p["STMR"] - p["Dr"]) / 10))
    nor = p["RLR"] - 121 + pre + 0.008 * (pre - 35) ** 2
    no = decibel_sum(p["Nc"], nos, nor, p["Nfor"] + p["RLR"])
    ro = 15 - 1.5 * (p["SLR"] + no)

    xolr = olr + 0.2 * (64 + no - p["RLR"])
    iolr = 20 * ((1 + (xolr / 8) ** 8) ** (1 / 8) - xolr / 8)
    stmro = -10 * math.log10(10 ** (-p["STMR"] / 10)
                             + math.exp(-p["T"] / 4) * 10 ** (-p["TELR"] / 10))
    ist = (12 * (1 + ((stmro - 13) / 6) ** 8) ** (1 / 8)
           - 28 * (1 + ((stmro + 1) / 19.4) ** 35) ** (1 / 35)
           - 13 * (1 + ((stmro - 3) / 33) ** 13) ** (1 / 13) + 29)
    q = 37 - 15 * math.log10(p["qdu"])
    g = 1.07 + 0.258 * q + 0.0602 * q * q
    iq = 15 * math.log10(1 + 10 ** ((ro - 100) / 15 + 46 / 8.4 - g / 9)
                         + 10 ** (46 / 30 - g / 40))

    rle = 10.5 * (p["WEPL"] + 7) * (p["Tr"] + 1) ** -0.25
    return {
        "Ro": ro, "Is": iolr + ist + iq, "Idte": talker_echo(p, ro, no, ist),
        "Idle": (ro - rle) / 2 + math.sqrt((ro - rle) ** 2 / 4 + 169),
        "Idd": delay_term(p["Ta"], p["mT"], p["sT"]),
    }


def talker_echo(p, ro, no, ist):
    t = p["T"]
    if t < 1:
        return 0.0
    terv = (p["TELR"] - 40 * math.log10((1 + t / 10) / (1 + t / 150))
            + 6 * math.exp(-0.3 * t * t))
    if p["STMR"] < 9:
        terv += ist / 2
    re, roe = 80 + 2.5 * (terv - 14), -1.5 * (no - p["RLR"])
    echo = ((roe - re) / 2 + math.sqrt((roe - re) ** 2 / 4 + 100) - 1) * (1 - math.exp(-t))
    return math.hypot(echo, ist) if p["STMR"] > 20 else echo


def terms(band, **given):
    """Terms and R; parameters not given have the defaults of G.107.

    BurstR enters as given in every band; burst_ratio_used says which one may.
    """
    p = {**DEFAULTS, **given}
    if band == "nb":
        out = narrowband_terms(p)
    else:
        out = {"Ro": {"wb": 129.0, "fb": 148.0}[band], "Is": 0.0, "Idte": 0.0, "Idle": 0.0,
               "Idd": SCALE[band] * delay_term(p["Ta"], p["mT"], p["sT"])}
    out["Ie_eff"] = codec_term(band, p["Ie"], p["Bpl"], p["Ppl"], p["BurstR"])
    out["R"] = (out["Ro"] - out["Is"] - out["Idte"] - out["Idle"] - out["Idd"]
                - out["Ie_eff"] + p["A"])
    return out


def mos_of(band, r):
    x = r / SCALE[band]
    if x <= 0:
        return 1.0
    if x >= 100:
        return 4.5
    return min(4.5, max(1.0, 1 + 0.035 * x + x * (x - 60) * (100 - x) * 7e-6))


def r_of(band, mos):
    """The R from which mos_of makes 1 < mos < 4.5, on the rising part of its curve."""
    x, square = 18566 - 6750 * mos, -903522 + 1113960 * mos - 202500 * mos * mos
    h = math.atan2(15 * math.sqrt(max(0, square)), x) / 3
    return SCALE[band] * 20 / 3 * (8 - math.sqrt(226) * math.cos(h + math.pi / 3))


def burst_ratio_used(band, bpl, ppl, measured):
    """G.107 wants bursts only where G.113's Bpl stands for a good concealment."""
    if band != "nb" or bpl < 16:
        return 1.0
    return min(max(1.0, measured), 2.0 if ppl >= 2 else 8.0)


# --- codecs -----------------------------------------------------------------------------

@dataclasses.dataclass(frozen=True)
class Codec:
    """What the score needs to know; clock_hz None: as the SDP says."""
    band: str
    clock_hz: int
    ie: float
    bpl: float


G711 = Codec("nb", 8000, 0, 25.1)
CODECS = {
    "PCMU": G711, "PCMA": G711,
    "G729": Codec("nb", 8000, 11, 19.0),
    "G729 annexb=no": Codec("nb", 8000, 10, 19.0),
    "G723 24": Codec("nb", 8000, 15, 16.1), "G723 20": Codec("nb", 8000, 19, 16.1),
    "GSM-EFR": Codec("nb", 8000, 5, 10.0), "GSM": Codec("nb", 8000, 20, 10.0),
    "G726-40": Codec("nb", 8000, 2, 10.0), "G726-32": Codec("nb", 8000, 7, 10.0),
    "G726-24": Codec("nb", 8000, 25, 10.0), "G726-16": Codec("nb", 8000, 50, 10.0),
    "G728": Codec("nb", 8000, 7, 10.0), "ILBC": Codec("nb", 8000, 11, 25.1),
    "SPEEX": Codec("nb", 8000, 15, 10.0), "SPEEX 16000": Codec("wb", 16000, 15, 4.3),
    "L16": Codec("nb", None, 0, 4.3), "L8": Codec("nb", None, 0, 4.3),
    "G722": Codec("wb", 8000, 13, 4.3),
    "OPUS": Codec("fb", 48000, 10.2, 9.6),
    "OPUS wb": Codec("fb", 48000, 24, 9.6), "OPUS nb": Codec("fb", 48000, 60, 9.6),
}
AMR_IE = [21, 19.5, 16.5, 14, 12, 10, 6, 5]  # by frame type: 4.75 to 12.2 kbit/s
AMR_WB = [(41, 4.3), (26, 4.3), (13, 4.3), (10, 4.3), (7, 4.3), (5, 4.6), (3, 4.6), (1, 4.6),
          (8, 4.9)]
AMR_UNKNOWN, AMR_WB_UNKNOWN = 7, 2  # 12.2 and 12.65

# RFC 3551, table 4 and 5: type to name and clock.
STATIC_TYPES = {
    0: ("PCMU", 8000), 3: ("GSM", 8000), 4: ("G723", 8000), 5: ("DVI4", 8000),
    6: ("DVI4", 16000), 7: ("LPC", 8000), 8: ("PCMA", 8000), 9: ("G722", 8000),
    10: ("L16", 44100), 11: ("L16", 44100), 12: ("QCELP", 8000), 13: ("CN", 8000),
    14: ("MPA", 90000), 15: ("G728", 8000), 16: ("DVI4", 11025), 17: ("DVI4", 22050),
    18: ("G729", 8000), 19: ("CN", 8000), 25: ("CELB", 90000), 26: ("JPEG", 90000),
    28: ("NV", 90000), 31: ("H261", 90000), 32: ("MPV", 90000), 33: ("MP2T", 90000),
    34: ("H263", 90000),
}


def codec_named(name, clock_hz=None, fmtp="", mode=None):
    """The Codec of an rtpmap name, or None where no score is possible.

    `mode` is what the payload showed most: frame type of AMR, bytes of G723, band of Opus.
    """
    name = name.upper()
    fmtp = fmtp.replace(" ", "").lower()
    if name == "AMR":
        return Codec("nb", 8000, AMR_IE[AMR_UNKNOWN if mode is None else mode], 10.0)
    if name == "AMR-WB":
        return Codec("wb", 16000, *AMR_WB[AMR_WB_UNKNOWN if mode is None else mode])
    if name == "G723":
        return CODECS.get(f"G723 {mode}")
    if name == "G729" and "annexb=no" in fmtp:
        return CODECS["G729 annexb=no"]
    if name == "SPEEX" and clock_hz == 16000:
        return CODECS["SPEEX 16000"]
    if name == "OPUS" and mode in ("wb", "mb", "nb"):
        return CODECS["OPUS wb" if mode == "wb" else "OPUS nb"]
    return CODECS.get(name)
