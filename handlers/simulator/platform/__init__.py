"""A stand-in for both platforms: a server on loopback that behaves as Viber and WeChat do, for the demo and for tests.

It knows nothing of how the service works: signatures, envelopes and limits are written here a second time, from the platforms'
documents, so that a mistake on one side shows.
"""

from handlers.simulator.platform.bubble import Bubble, Option
from handlers.simulator.platform.fault import Fault, Faults
from handlers.simulator.platform.server import Platform
from handlers.simulator.platform.viber import ViberPlatform
from handlers.simulator.platform.viber_bot import ViberBot
from handlers.simulator.platform.wechat import WeChatPlatform
from handlers.simulator.platform.wechat_book import WeChatBook

__all__ = [
    "Bubble",
    "Fault",
    "Faults",
    "Option",
    "Platform",
    "ViberBot",
    "ViberPlatform",
    "WeChatBook",
    "WeChatPlatform",
]
