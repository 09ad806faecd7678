import time, hashlib, asyncio
from unslouch.link.update import *
from .test_over_link import link_to, worn

async def test_dbg(worn, messages):
    async with link_to(worn) as (client, info):
        pack=b"x"*500
        await begin_update(client, len(pack), hashlib.sha256(pack).digest(), 2, 0)
        await send_pack(client, pack, 0, lambda a,b: None)
        await end_update(client)
        for i in range(5):
            await asyncio.sleep(0.5)
            print("poll", worn._process.poll(), worn.starts)
        try:
            await client.ping(); print("alive")
        except Exception as e: print(repr(e))
    await asyncio.sleep(2)
    print(worn.starts)
    worn.unplug()
    print(worn.log.read_text()[-3000:])
