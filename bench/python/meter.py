"""What the measured section of a client cost its process."""

import time


class Meter:
    def __init__(self):
        # Linux takes its high-water mark of the resident set back to the present size on this write.
        try:
            with open("/proc/self/clear_refs", "w") as marks:
                marks.write("5")
        except OSError:
            pass
        self.rss = kilobytes("VmRSS")
        self.cpu = time.process_time()
        self.began = time.perf_counter()

    def end(self):
        seconds = time.perf_counter() - self.began
        cpu = time.process_time() - self.cpu
        return {"seconds": seconds, "cpuSeconds": cpu, "rssBytes": self.rss, "peakRssBytes": kilobytes("VmHWM")}


def kilobytes(name):
    """A figure of Linux's on this process, in bytes; none where there is no such system."""
    try:
        with open("/proc/self/status") as status:
            mark = next(line for line in status if line.startswith(f"{name}:"))
    except (OSError, StopIteration):
        return None
    return int(mark.split()[1]) * 1024
