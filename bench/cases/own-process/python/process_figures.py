"""What the programs for Python have in common: how a run is described to them, and what is asked of their process."""

import platform
import resource
import sys


def plan_from_arguments():
    return dict(argument.split("=", 1) for argument in sys.argv[1:])


def runtime():
    return f"Python {platform.python_version()}"


def percentile(values, fraction):
    return values[min(len(values) - 1, int(len(values) * fraction))]


def cpu_seconds():
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def peak_rss_mb():
    try:
        with open("/proc/self/status", encoding="ascii") as status:
            lines = [line for line in status if line.startswith("VmHWM:")]
        return int(lines[0].split()[1]) / 1024
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
