"""The PostgreSQL server that comes with the product: made at first use, shared by its commands, stopped by the last of them.

Every command that needs it holds a lease (a shared lock on a file), so the database outlives none of them, however they end.
"""

import atexit
import contextlib
import fcntl
import json
import os
import secrets
import shutil
import socket
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
from psycopg import sql

from chuzhi.config import programs
from chuzhi.config.programs import CannotStart, Programs

NAME = "chuzhi"  # both the database and its owner
START_TRIES = 12
START_PAUSE_SECONDS = 0.5  # a killed postmaster stays a zombie, and its backends stay, for a second or two
NO_SUCH_PROCESS = 2**31 - 1
FOR_SPEED_NOT_SAFETY = {"fsync": "off", "full_page_writes": "off", "synchronous_commit": "off"}


@contextlib.contextmanager
def running(data: Path) -> Iterator["Server"]:
    """The server of this data folder for as long as the block lasts: started if need be, stopped if nobody else uses it."""
    with _leased(Server(data)) as server:
        yield server


def start_for_tests(data: Path) -> str:
    """A server for one test run, fast and forgetful; answers its owner's address. It stops with this process."""
    lease = contextlib.ExitStack()
    server = lease.enter_context(_leased(Server(data, FOR_SPEED_NOT_SAFETY)))
    atexit.register(lease.close)
    return server.url()


@contextlib.contextmanager
def _leased(server: "Server") -> Iterator["Server"]:
    server.prepare_folder()
    with (server.data / "database.users").open("w") as users:
        os.register_at_fork(after_in_child=users.close)  # a web process that outlives its killed master holds nothing
        with _alone(server.data):
            fcntl.flock(users, fcntl.LOCK_SH)
            server.start()
        try:
            yield server
        finally:
            with _alone(server.data), contextlib.suppress(BlockingIOError):
                fcntl.flock(users, fcntl.LOCK_EX | fcntl.LOCK_NB)
                server.stop()


@contextlib.contextmanager
def _alone(data: Path) -> Iterator[None]:
    with (data / "database.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@dataclass(frozen=True)
class Server:
    data: Path
    overrides: Mapping[str, str] = field(default_factory=dict)

    @property
    def cluster(self) -> Path:
        return self.data / "postgres"

    @property
    def note(self) -> Path:
        return self.data / "embedded.json"

    def url(self, database: str = NAME) -> str:
        kept = json.loads(self.note.read_text(encoding="utf-8"))
        return f"postgresql://{NAME}:{kept['password']}@127.0.0.1:{kept['port']}/{database}"

    def prepare_folder(self) -> None:
        """Nobody else may list the data folder; the server's own user must be able to pass through it."""
        self.data.mkdir(parents=True, exist_ok=True)
        self.data.chmod(0o711 if os.geteuid() == 0 else 0o700)

    def start(self) -> None:
        if self.answers():
            return
        found = programs.find(self.data)
        if not (self.cluster / "PG_VERSION").exists():
            self._make(found)
        self._check_version(found)
        self._configure(found)
        self._launch(found)
        self._create_database()

    def stop(self) -> None:
        found = programs.find(self.data)
        if found.run("pg_ctl", "-D", self.cluster, "-w", "-t", "60", "-m", "fast", "stop").returncode:
            found.run("pg_ctl", "-D", self.cluster, "-w", "-t", "10", "-m", "immediate", "stop")

    def answers(self) -> bool:
        """Whether this very server, not another on the same port, takes connections."""
        if not self.note.exists():
            return False
        with contextlib.suppress(psycopg.OperationalError), psycopg.connect(self.url("postgres"), connect_timeout=5) as there:
            row = there.execute("SELECT current_setting('data_directory')").fetchone()
            return row is not None and Path(row[0]) == self.cluster
        return False

    def is_alive(self) -> bool:
        """Whether its first process runs; a killed one that nobody has collected yet does not."""
        pid = self.pid()
        return pid is not None and _process_name(pid) == "postgres"

    def _make(self, found: Programs) -> None:
        shutil.rmtree(self.cluster, ignore_errors=True)  # a half-made one: it has no version yet
        self.cluster.mkdir(mode=0o700)
        password = secrets.token_hex(32)
        handle, name = tempfile.mkstemp()  # a file of its own: a pipe fails once root is dropped
        try:
            os.write(handle, f"{password}\n".encode())
            if found.user:
                os.chown(self.cluster, found.user.pw_uid, found.user.pw_gid)
                os.fchown(handle, found.user.pw_uid, found.user.pw_gid)
            # With LC_CTYPE=C trigram search would silently drop every Chinese character.
            modern = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--lc-collate=C", "--lc-ctype=C.UTF-8")
            locale = modern if found.major >= 17 else ("--locale=C.UTF-8",)
            common = ("-U", NAME, "-A", "scram-sha-256", f"--pwfile={name}", "-E", "UTF8", "--data-checksums")
            made = found.run("initdb", "-D", self.cluster, *common, *locale)
        finally:
            os.close(handle)
            Path(name).unlink()
        if made.returncode:
            shutil.rmtree(self.cluster, ignore_errors=True)
            raise CannotStart(f"The database could not be made in {self.cluster}: {_last_line(made.stderr)}")
        self._write_note(port=_free_port(), password=password)
        with (self.cluster / "postgresql.conf").open("a", encoding="utf-8") as conf:
            conf.write("\ninclude_if_exists = 'chuzhi.conf'  # written by the product at each start\n")
            conf.write("include_if_exists = 'local.conf'   # yours\n")

    def _write_note(self, *, port: int, password: str) -> None:
        fresh = self.note.with_suffix(".new")
        fresh.touch(mode=0o600)
        fresh.write_text(json.dumps({"port": port, "password": password}), encoding="utf-8")
        fresh.replace(self.note)

    def _check_version(self, found: Programs) -> None:
        kept = (self.cluster / "PG_VERSION").read_text(encoding="ascii").strip()
        if int(kept) != found.major:
            raise CannotStart(
                f"{self.cluster} was made by PostgreSQL {kept}; the programs at {found.folder} are {found.major}."
            )

    def _configure(self, found: Programs) -> None:
        kept = json.loads(self.note.read_text(encoding="utf-8"))
        if not _is_free(kept["port"]) and not self.is_alive():
            kept["port"] = _free_port()
            self._write_note(**kept)
        lines = [f"{name} = '{value}'" for name, value in {**_tuning(found, kept["port"]), **self.overrides}.items()]
        conf = self.cluster / "chuzhi.conf"
        conf.write_text("\n".join(lines) + "\n", encoding="utf-8")
        if found.user:
            os.chown(conf, found.user.pw_uid, found.user.pw_gid)

    def _launch(self, found: Programs) -> None:
        log = self.cluster / "start.log"
        for _attempt in range(START_TRIES):
            log.unlink(missing_ok=True)
            self._forget_reused_pid()
            started = found.run("pg_ctl", "-D", self.cluster, "-w", "-t", "120", "-l", log, "start")
            if started.returncode == 0 and self.answers():
                return
            time.sleep(START_PAUSE_SECONDS)
        said = log.read_text(encoding="utf-8", errors="replace") if log.exists() else started.stderr
        fatal = [line for line in said.splitlines() if "FATAL" in line or "PANIC" in line]
        raise CannotStart(f"PostgreSQL did not start: {_last_line(fatal[-1] if fatal else said)} (more in {self.cluster}/log)")

    def _forget_reused_pid(self) -> None:
        """After a crash the number in the lock file may belong to a stranger by now, and the server would wait for it for ever.

        Only the number is replaced: the rest lets the server find out whether old backends still use its memory.
        """
        pid = self.pid()
        if pid is not None and _process_name(pid) not in {None, "postgres"}:
            lock = self.cluster / "postmaster.pid"
            _number, *rest = lock.read_text(encoding="utf-8").splitlines(keepends=True)
            lock.write_text(f"{NO_SUCH_PROCESS}\n" + "".join(rest), encoding="utf-8")

    def pid(self) -> int | None:
        """What its lock file says: after a crash this may be nobody, or a stranger."""
        try:
            return int((self.cluster / "postmaster.pid").read_text(encoding="utf-8").split()[0])
        except (OSError, ValueError, IndexError):
            return None

    def _create_database(self) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as server:
            if not server.execute("SELECT 1 FROM pg_database WHERE datname = %s", [NAME]).fetchone():
                server.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(NAME)))
            row = server.execute("SELECT 'lz4' = ANY(enumvals) FROM pg_settings WHERE name = 'wal_compression'").fetchone()
            if row and row[0]:
                server.execute("ALTER SYSTEM SET wal_compression = 'lz4'")
                server.execute("SELECT pg_reload_conf()")


def _tuning(found: Programs, port: int) -> dict[str, str]:
    """For one machine that also runs the product. Commits are on the disk before anybody is told."""
    statistics = "pg_stat_statements" if found.has_library("pg_stat_statements") else ""
    megabytes = _memory_bytes() // 2**20
    return {
        "listen_addresses": "127.0.0.1",
        "port": str(port),
        "unix_socket_directories": "",
        "max_connections": "100",
        "shared_preload_libraries": statistics,
        "shared_buffers": f"{min(max(megabytes // 4, 128), 2048)}MB",
        "effective_cache_size": f"{max(megabytes // 2, 256)}MB",
        "random_page_cost": "1.1",
        "jit": "off",
        "fsync": "on",
        "full_page_writes": "on",
        "synchronous_commit": "on",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "15min",
        "timezone": "UTC",
        "logging_collector": "on",
        "log_filename": "%a.log",  # a week of them, each overwritten by the next of its day
        "log_truncate_on_rotation": "on",
        "log_rotation_age": "1d",
        "log_rotation_size": "0",
        "log_min_error_statement": "panic",  # statements hold what customers told us
        "log_error_verbosity": "terse",
    }


def _memory_bytes() -> int:
    """What this machine has, or what its container may use."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    with contextlib.suppress(OSError, ValueError):
        return min(machine, int(Path("/sys/fs/cgroup/memory.max").read_text(encoding="ascii")))
    return machine


def _process_name(pid: int) -> str | None:
    """The program a process runs; None if there is no such process, or only its remains."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return None
    except PermissionError:
        pass
    try:
        name, _, state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").partition("(")[2].rpartition(")")
    except OSError:
        return "postgres"  # a system without /proc: take the lock file's word for it
    return None if state.split()[0] == "Z" else name


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1].strip() if lines else "it gave no reason."
