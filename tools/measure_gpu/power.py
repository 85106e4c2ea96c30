# SPDX-License-Identifier: Apache-2.0
"""Power of the GPU from NVML's energy counter, with clocks and temperature beside it.

NVML's power reading samples only a quarter of the time on A100 and H100 (arXiv 2312.02741); it is
recorded for comparison and never used.
"""

import threading
import time

import pynvml
import torch

from samples import average_power, mean

PERIOD = 0.02  # seconds between readings of the counter
SLOW = 5  # every which reading also takes clocks, temperature and power


class Gpu:
    """The NVML side of CUDA device 0."""

    def __init__(self):
        pynvml.nvmlInit()
        try:
            uuid = torch.cuda.get_device_properties(0).uuid
            self.handle = pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}")
        except (AttributeError, pynvml.NVMLError):
            self.handle = pynvml.nvmlDeviceGetHandleByIndex(0)

    def joules(self):
        """The energy counter; None where the part or the driver has none."""
        try:
            return pynvml.nvmlDeviceGetTotalEnergyConsumption(self.handle) * 1e-3
        except pynvml.NVMLError:
            return None

    def watts(self):
        return pynvml.nvmlDeviceGetPowerUsage(self.handle) * 1e-3

    def clock(self, kind):
        return pynvml.nvmlDeviceGetClockInfo(self.handle, kind)

    def sm_clock(self):
        return self.clock(pynvml.NVML_CLOCK_SM)

    def memory_clock(self):
        return self.clock(pynvml.NVML_CLOCK_MEM)

    def celsius(self):
        return pynvml.nvmlDeviceGetTemperature(self.handle, pynvml.NVML_TEMPERATURE_GPU)

    def facts(self):
        """What the head of a file says about the machine."""
        highest = pynvml.nvmlDeviceGetMaxClockInfo
        return {
            "part": text(pynvml.nvmlDeviceGetName(self.handle)),
            "driver": text(pynvml.nvmlSystemGetDriverVersion()),
            "power_limit_w": pynvml.nvmlDeviceGetEnforcedPowerLimit(self.handle) * 1e-3,
            "highest_sm_mhz": highest(self.handle, pynvml.NVML_CLOCK_SM),
            "highest_memory_mhz": highest(self.handle, pynvml.NVML_CLOCK_MEM),
        }


def text(name):
    return name.decode() if isinstance(name, bytes) else name


class Meter:
    """Reads the GPU in a thread of its own while the with-block runs."""

    def __init__(self, gpu):
        self.gpu = gpu
        self.readings = []
        self.slow = []
        self.stop = threading.Event()
        self.thread = threading.Thread(target=self.read, daemon=True)

    def read(self):
        count = 0
        while not self.stop.wait(PERIOD):
            joules = self.gpu.joules()
            if joules is not None:
                self.readings.append((time.perf_counter(), joules))
            if count % SLOW == 0:
                self.slow.append((self.gpu.watts(), self.gpu.sm_clock(), self.gpu.memory_clock(),
                                  self.gpu.celsius()))
            count += 1

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()

    def summary(self):
        """Columns of the tables. `watts` is nan when the energy counter did not move."""
        watts, window = average_power(self.readings) or (float("nan"), 0.0)
        reading, sm, memory, celsius = (mean(column) for column in zip(*self.slow))
        return {"watts": watts, "watts_reading": reading, "window_s": window, "sm_mhz": round(sm),
                "memory_mhz": round(memory), "celsius": round(celsius)}
