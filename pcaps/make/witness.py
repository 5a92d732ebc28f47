"""witness.py - a capture as tshark reads it."""
import collections
import subprocess
import xml.etree.ElementTree as ElementTree


def run(*command):
    return subprocess.run(command, check=True, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL).stdout


def tshark(capture, *options):
    return run("tshark", "-n", "-r", capture, "--enable-heuristic", "rtp_udp",
               "-o", "tcp.reassemble_out_of_order:TRUE", *options)


def rows(capture, display_filter, *fields):
    options = ["-Y", display_filter, "-T", "fields", "-E", "occurrence=f"]
    for field in fields:
        options += ["-e", field]
    lines = tshark(capture, *options).splitlines()
    return [dict(zip(fields, line.split("\t"))) for line in lines]


def count(capture, display_filter):
    return len(tshark(capture, "-Y", display_filter, "-T", "fields",
                      "-e", "frame.number").splitlines())


def endpoint(address, port):
    return f"[{address}]:{port}" if ":" in address else f"{address}:{port}"


def host(text):
    return text.rsplit(":", 1)[0].strip("[]")


class Layer:
    """One protocol layer of one frame in tshark's PDML: field name to values."""

    def __init__(self, element):
        self.values = collections.defaultdict(list)
        for field in element.iter("field"):
            self.values[field.get("name")].append(field.get("show"))

    def get(self, name, default=None):
        return self.values[name][0] if self.values[name] else default

    def number(self, name):
        value = self.get(name)
        return None if value is None else int(value, 0)


def packets(capture, display_filter, protocol):
    """(time, source, destination, number of frame, transport, layer) of each match."""
    text = tshark(capture, "-Y", display_filter, "-T", "pdml")
    for packet in ElementTree.fromstring(text).iter("packet"):
        layers = {proto.get("name"): Layer(proto) for proto in packet.iter("proto")}
        network = layers.get("ipv6") or layers["ip"]
        kind = "ipv6" if "ipv6" in layers else "ip"
        transport = "tcp" if "tcp" in layers else "udp"
        name = "ws" if "websocket" in layers else transport
        ends = [endpoint(network.get(f"{kind}.{side}"),
                         layers[transport].get(f"{transport}.{side}port"))
                for side in ("src", "dst")]
        frame = layers["frame"]
        for element in packet.iter("proto"):
            if element.get("name") == protocol:
                yield (float(frame.get("frame.time_epoch")), *ends,
                       frame.number("frame.number"), name, Layer(element))
