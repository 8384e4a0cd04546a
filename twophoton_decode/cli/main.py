"""The command line: the commands in the order of the experiment, and errors made plain."""

from __future__ import annotations

import errno
import os
import sys

import click

from twophoton_decode import __version__
from twophoton_decode.cli.commands.data.align import align
from twophoton_decode.cli.commands.data.compare import compare
from twophoton_decode.cli.commands.data.demo import demo
from twophoton_decode.cli.commands.data.export import export
from twophoton_decode.cli.commands.data.import_ import import_
from twophoton_decode.cli.commands.data.inspect import inspect
from twophoton_decode.cli.commands.data.restore import restore
from twophoton_decode.cli.commands.data.simulate import simulate
from twophoton_decode.cli.commands.deep import deep
from twophoton_decode.cli.commands.deep.weights import weights
from twophoton_decode.cli.commands.session.batch import batch
from twophoton_decode.cli.commands.session.clean import clean
from twophoton_decode.cli.commands.session.figures import figures
from twophoton_decode.cli.commands.session.init import init
from twophoton_decode.cli.commands.session.run import run
from twophoton_decode.cli.commands.session.status import status
from twophoton_decode.cli.commands.session.summary import summary
from twophoton_decode.cli.commands.session.view import view
from twophoton_decode.cli.commands.stages.detect import detect
from twophoton_decode.cli.commands.stages.encode import encode
from twophoton_decode.cli.commands.stages.extract import extract
from twophoton_decode.cli.commands.stages.reconstruct import reconstruct
from twophoton_decode.cli.commands.stages.register import register
from twophoton_decode.cli.commands.stages.report import report
from twophoton_decode.cli.commands.stages.respond import respond
from twophoton_decode.cli.commands.stages.sparsity_report import sparsity_report
from twophoton_decode.cli.commands.stages.stability_report import stability_report
from twophoton_decode.cli.console import echo, neutralise_logging
from twophoton_decode.cli.streams import (
    end_with_whoever_started_this,
    keep_modules_from_here_out,
    open_standard_streams,
)
from twophoton_decode.errors import TpDecodeError
from twophoton_decode.visible import visible

INTERRUPTED = 130


class ChainGroup(click.Group):
    """Lists the commands in the order of the chain rather than of the alphabet."""

    def list_commands(self, context: click.Context) -> list[str]:
        """Names in the order in which they were added."""
        return list(self.commands)


@click.group(
    cls=ChainGroup,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(__version__, prog_name="tpdecode")
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def tpdecode(debug: bool) -> None:
    """From a two-photon microscope's raw TIFFs to images of what the mouse saw.

    A session is a folder. `tpdecode init` makes one, `tpdecode run` runs every stage, and
    each stage also has its own command.

    \b
    Example:
      tpdecode demo
      tpdecode init S --movie "raw/*.tif" --log shown.csv --images pictures/ --frame-rate-hz 8
      tpdecode run S
    """


for command in (
    demo, inspect, restore, align, init, extract, register, detect, respond, encode, reconstruct,
    sparsity_report, stability_report, report, view, deep, run, batch, figures, status, summary,
    clean, compare, simulate, import_, export, weights,
):  # fmt: skip
    tpdecode.add_command(command)


def main(arguments: list[str] | None = None) -> None:
    """Run a command and leave with its exit code; see ``docs/concepts.md`` for the codes."""
    arguments = sys.argv[1:] if arguments is None else arguments
    open_standard_streams()
    keep_modules_from_here_out()
    end_with_whoever_started_this()
    neutralise_logging()
    try:
        code = tpdecode.main(arguments, prog_name="tpdecode", standalone_mode=False)
        sys.exit(code if isinstance(code, int) else 0)
    except click.ClickException as error:
        vars(error)["message"] = visible(error.message, lines=True)
        error.show()
        sys.exit(error.exit_code)
    except (KeyboardInterrupt, click.Abort):
        echo("", err=True)
        echo("Interrupted. Finished stages are kept; run the command again to resume.", err=True)
        sys.exit(INTERRUPTED)
    except TpDecodeError as error:
        _fail(error, message_of(error), error.exit_code, arguments)
    except BrokenPipeError:
        _leave_the_pipe()
    except OSError as error:
        _fail(error, message_of(error), 1, arguments)
    except Exception as error:
        _fail(error, message_of(error), 1, arguments)


def _fail(error: BaseException, message: str, code: int, arguments: list[str]) -> None:
    if "--debug" in arguments:
        raise error
    echo(message, err=True)
    sys.exit(code)


def message_of(error: Exception) -> str:
    """What a user is told of an error, whatever it is."""
    if isinstance(error, TpDecodeError):
        return f"{type(error).__name__}: {error}"
    return _disk_message(error) if isinstance(error, OSError) else _fault_message(error)


def _disk_message(error: OSError) -> str:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return (
            f"The disk is full ({error.filename or 'while writing'}). Nothing half-written was "
            "kept; free some space and run the command again."
        )
    return f"{error.filename or 'A file'} cannot be written or read: {error.strerror or error}."


def _fault_message(error: Exception) -> str:
    return (
        f"tpdecode hit an unexpected error ({type(error).__name__}: {error}). Finished results "
        "are kept. `tpdecode --debug …` shows where; please report it."
    )


def _leave_the_pipe() -> None:
    """The reader, such as ``head``, has what it wanted; Python must not complain at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(1)
