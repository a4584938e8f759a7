"""The demo: two phones in the browser that speak real Viber and WeChat callbacks to the service.

Start at `demo.py`; `platform/` is the stand-in for both platforms, which the tests use too.
"""
