# SPDX-License-Identifier: Apache-2.0
"""Times of GPU work that is replayed from a CUDA graph, so that no launch of the host counts."""

import time

import torch

WARM_UP_REPLAYS = 3
REPLAYS = 15
GRAPH_SECONDS = 1e-3  # a replay lasts at least this long, so that the timer's 0.5 us is little
MOST_NODES = 400
CHUNK_SECONDS = 0.1  # work that waits in the queue while an energy window runs


def capture(calls):
    """A graph that runs `calls` one after the other, after each of them ran once."""
    side = torch.cuda.Stream()
    side.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(side):
        for call in calls:
            call()
    torch.cuda.current_stream().wait_stream(side)
    torch.cuda.synchronize()
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        for call in calls:
            call()
    return graph


def replay_seconds(graph, replays):
    """Seconds of each replay. They queue without a gap: the host waits only at the end."""
    events = [torch.cuda.Event(enable_timing=True) for _ in range(replays + 1)]
    events[0].record()
    for event in events[1:]:
        graph.replay()
        event.record()
    torch.cuda.synchronize()
    return [a.elapsed_time(b) * 1e-3 for a, b in zip(events, events[1:])]


def kernel_seconds(calls, expected):
    """Samples of the time of one call, the mean over a replay of `calls` in turn.

    `calls` are equal work on different memory, together larger than the L2 cache; `expected`
    seconds of one call decide how many rounds go into the graph.
    """
    nodes = min(MOST_NODES, GRAPH_SECONDS / expected)
    rounds = max(1, round(nodes / len(calls)))
    graph = capture(calls * rounds)
    replay_seconds(graph, WARM_UP_REPLAYS)
    return [s / (rounds * len(calls)) for s in replay_seconds(graph, REPLAYS)]


def steady(graph, seconds, warm_up, meter):
    """Replays for `warm_up` and then for `seconds` under the meter.

    Returns (seconds of each replay, seconds from the first to the last). The queue always holds
    the next chunk, so the GPU never waits for the host.
    """
    replay_seconds(graph, WARM_UP_REPLAYS)
    one = sorted(replay_seconds(graph, WARM_UP_REPLAYS))[1]
    chunk = max(1, round(CHUNK_SECONDS / one))
    replay_seconds(graph, max(1, round(warm_up / one)))
    events = [torch.cuda.Event(enable_timing=True)]
    events[0].record()
    start = time.perf_counter()
    with meter:
        while time.perf_counter() - start < seconds:
            before = events[-1]
            for _ in range(chunk):
                graph.replay()
                event = torch.cuda.Event(enable_timing=True)
                event.record()
                events.append(event)
            before.synchronize()
    torch.cuda.synchronize()
    samples = [a.elapsed_time(b) * 1e-3 for a, b in zip(events, events[1:])]
    return samples, sum(samples)
