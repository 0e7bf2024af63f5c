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
    except OSError as fault:
        status = refused(fault)
    gc.freeze()  # and nothing of it has to be looked for then
    sys.exit(status)


def refused(fault: OSError) -> int:
    """Say what the machine refuses to read or write, and let go of what was not yet printed.

    Returns:
        The exit code.
    """
    from insvc.errors import WorldError, describe

    if fault.filename is None:
        _without_reader()
    subject = str(fault.filename or "the output")
    reason = f"the machine refuses: {fault.strerror}"
    told = WorldError(subject, reason, next_act="make room, or look at what is wrong there")
    sys.stderr.write(f"{describe(told)}\n")
    return told.exit_code


def _without_reader() -> int:
    """Let the interpreter end in peace where nobody reads what it said."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1
