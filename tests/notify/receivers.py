"""Configurations that name receivers."""
import syslog


def receivers(**addresses):
    """name=(transport, address, {other keys})"""
    lines = ["alerts:", "  receivers:"]
    for name, (transport, address, *others) in addresses.items():
        more = "".join(f", {key}: \"{value}\"" for other in others for key, value in other.items())
        lines.append(f'    - {{name: {name}, transport: {transport}, address: "{address}", '
                     f"least: info{more}}}")
    return "\n".join(lines) + "\n"


def of(server, transport):
    """What `receivers` needs of it."""
    trust = [{"ca": server.folder / "ca.pem"}] if transport == "tls" else []
    return (transport, f"127.0.0.1:{server.ports[transport]}", *trust)


def streams():
    return ["tcp"] + (["tls"] if syslog.has_tls() else []) + \
        (["relp"] if syslog.has_relp() else [])
