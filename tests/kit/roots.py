"""Root file systems of hosts: this machine's /usr with a mask over it, and everything else their own."""

import os
import shutil
import stat
from pathlib import Path

USER, UID = "deploy", 1000
# A machine as it is delivered: Python is there, and nothing that a deploy has to bring or may not need.
HIDDEN = (
    *(f"bin/{name}" for name in ("node", "nodejs", "npm", "npx", "corepack", "pm2", "sudo", "curl", "wget", "crontab")),
    "bin/systemctl",
    "lib/node_modules",
    "share/nodejs",
    "include/node",
    "local",
)
# What the programs of /usr look for outside of it.
TAKEN = ("alternatives", "ld.so.cache", "ld.so.conf", "ld.so.conf.d", "ssl", "debian_version", "localtime")
FOLDERS = (
    "proc",
    "dev",
    "usr",
    "old",
    "run/sshd",
    "var/log",
    "var/tmp",
    "home",
    "root",
    "etc/ssh",
    "mnt",
    "opt/bin",
    "srv",
)
SSHD = """\
HostKey /etc/ssh/host
UsePAM no
UseDNS no
PasswordAuthentication no
PermitRootLogin yes
PrintMotd no
MaxStartups 200:30:400
MaxSessions 50
SetEnv PATH=/opt/bin:/usr/bin:/bin:/usr/sbin:/sbin
Subsystem sftp internal-sftp
"""


def make_mask(folder: Path) -> Path:
    """A layer over /usr in which what a fresh machine lacks is deleted."""
    for name in HIDDEN:
        path = folder / name
        if Path("/usr", name).exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            os.mknod(path, stat.S_IFCHR, os.makedev(0, 0))  # how an overlay marks what is not there
    folder.mkdir(exist_ok=True)
    return folder


def make_root(folder: Path, name: str, address: str, host_key: Path, login: Path) -> None:
    """All of a host's root but what is mounted there. Root and USER let in whoever has the key of `login`."""
    for path in FOLDERS:
        (folder / path).mkdir(parents=True)
    (folder / "tmp").mkdir()
    (folder / "tmp").chmod(0o1777)
    for link in ("bin", "sbin", "lib", "lib32", "lib64", "libx32"):
        if Path("/", link).is_symlink():
            (folder / link).symlink_to(f"usr/{link}")
    etc = folder / "etc"
    for one in TAKEN:
        _take(Path("/etc", one), etc / one)
    (etc / "os-release").symlink_to("../usr/lib/os-release")
    _write_accounts(etc)
    (etc / "hosts").write_text(f"127.0.0.1 localhost\n{address} {name}\n")
    (etc / "hostname").write_text(f"{name}\n")
    (etc / "ssh" / "sshd_config").write_text(SSHD)
    shutil.copy(host_key, etc / "ssh" / "host")
    for home, uid in ((folder / "root", 0), (folder / "home" / USER, UID)):
        _make_home(home, uid, login)


def _take(source: Path, target: Path) -> None:
    if source.is_dir():
        shutil.copytree(source, target, symlinks=True, ignore=shutil.ignore_patterns("private"))
    elif source.exists():
        shutil.copy(source, target)


def _write_accounts(etc: Path) -> None:
    accounts = {
        "root": (0, "/root", "/bin/bash"),
        "sshd": (100, "/run/sshd", "/usr/sbin/nologin"),
        USER: (UID, f"/home/{USER}", "/bin/bash"),
        "nobody": (65534, "/nonexistent", "/usr/sbin/nologin"),
    }
    lines = [f"{name}:x:{uid}:{uid}::{home}:{shell}\n" for name, (uid, home, shell) in accounts.items()]
    (etc / "passwd").write_text("".join(lines))
    (etc / "group").write_text("".join(f"{name}:x:{uid}:\n" for name, (uid, *_) in accounts.items()))
    (etc / "shadow").write_text("".join(f"{name}:*:19000:0:99999:7:::\n" for name in accounts))
    (etc / "shadow").chmod(0o640)
    (etc / "nsswitch.conf").write_text("passwd: files\ngroup: files\nshadow: files\nhosts: files\n")


def _make_home(home: Path, uid: int, login: Path) -> None:
    keys = home / ".ssh"
    keys.mkdir(parents=True)
    shutil.copy(login, keys / "authorized_keys")
    home.chmod(0o700)
    for path in (home, keys, keys / "authorized_keys"):
        path.chmod(0o700 if path.is_dir() else 0o600)
        os.chown(path, uid, uid)
