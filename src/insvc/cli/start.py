"""Where the command `insvc` begins.

A scan is run after every package transaction, and by people who wait: where its arguments are
plain words, no parser of command lines is loaded for it. All else is for `insvc.cli.main`.
"""

import sys


def main() -> None:
    """Run the command line and exit with the error's own exit code."""
    from insvc.cli.scanning import plainly_wanted

    wanted = plainly_wanted(sys.argv[1:])
    if wanted is None:
        from insvc.cli.main import main as run

        run()
        return
    import gc

    from insvc.cli.scanning import scan
    from insvc.errors import InsvcError, describe

    gc.disable()  # nothing of a scan is thrown away before its end
    try:
        said, status = scan(wanted, is_alone=True)
        sys.stdout.write(said)
        sys.stdout.flush()
    except InsvcError as fault:
        sys.stderr.write(f"{describe(fault)}\n")
        status = fault.exit_code
    except KeyboardInterrupt:
        sys.stderr.write("interrupted\n")
        status = 130
    except BrokenPipeError:
        status = _without_reader()
    gc.freeze()  # and nothing of it has to be looked for then
    sys.exit(status)


def _without_reader() -> int:
    """Let the interpreter end in peace where nobody reads what it said."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
