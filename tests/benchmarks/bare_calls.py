"""The same calls by aiohttp alone: no plan, no ledger, no artifacts. What the wire and the vendor leave of the ideal.

``python bare_calls.py CALLS CONCURRENCY URL`` opens its connections, then prints wall seconds.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator

import aiohttp


async def main(calls: int, concurrency: int, url: str) -> dict[str, float]:
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

        async def work(numbers: Iterator[int]) -> None:
            for number in numbers:
                body = {"text": f"line {number}", "take": 0}
                async with session.post(f"{url}/speak", json=body) as answer:
                    async for _ in answer.content.iter_any():
                        pass

        async def all_of(calls: int) -> None:
            numbers = iter(range(calls))  # shared: whoever is free takes the next
            await asyncio.gather(*(work(numbers) for _ in range(concurrency)))

        await all_of(concurrency)
        start = time.perf_counter()
        await all_of(calls)
        return {"takes": calls, "wall": time.perf_counter() - start}


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]))))
