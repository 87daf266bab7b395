"""``filmbench dashboard``: results in the browser."""

from __future__ import annotations

import typer
from filmbench.harness.cli.options import STORE, Store


def register(root: typer.Typer) -> None:
    """Add the command to the command line."""
    root.command("dashboard", epilog="Example: filmbench dashboard --port 8501")(dashboard)


def dashboard(
    port: int = typer.Option(8501, min=1, max=65535, help="The port to listen on."),
    share: bool = typer.Option(False, "--share", help="Let others on the network look, with a password."),
    store: Store = STORE,
) -> None:
    """Show results in the browser, until Ctrl-C: leaderboards, comparisons, players."""
    import importlib.util
    import os
    import socket
    import sys

    from filmbench.harness.types import UsageError

    at = "0.0.0.0" if share else "127.0.0.1"  # noqa: S104 - only when asked to, and only with a password
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((at, port))
        except OSError as error:
            raise UsageError(f"port {port} cannot be used: {error.strerror}", "give another with --port") from None
    page = importlib.util.find_spec("filmbench.dashboards.pages.app")
    if importlib.util.find_spec("streamlit") is None or page is None or page.origin is None:
        raise UsageError("the dashboard is not installed", "pip install 'filmbench[dashboard]'")
    from filmbench.dashboards import entrance
    from filmbench.dashboards.theme import OPTIONS

    if share and len(os.environ.get(entrance.PASSWORD, "")) < entrance.SHORTEST:
        raise UsageError(
            f"--share needs a password of at least {entrance.SHORTEST} characters", f"export {entrance.PASSWORD}=…"
        )

    os.environ["FILMBENCH_STORE"] = str(store.absolute())
    options = {
        "server.address": at,
        "server.port": str(port),
        "server.headless": "true",
        "server.fileWatcherType": "none",
        "browser.gatherUsageStats": "false",
        **OPTIONS,
    }
    flags = [f"--{name}={value}" for name, value in options.items()]
    command = [sys.executable, "-m", "streamlit", "run", page.origin, *flags]
    os.execv(sys.executable, command)  # noqa: S606 - replaced, so that Ctrl-C reaches the server itself
