"""Viber's callbacks, one of each kind, from its documentation and from captures that were published."""

from __future__ import annotations

JOHN = (
    '{"id":"jc9HsWTZ2Yf2NkRZ8KcNug==","name":"John McClane","avatar":"http://avatar.example.com",'
    '"country":"UK","language":"en","api_version":1}'
)
HEAD = '"timestamp":1457764197627,"message_token":4912661846655238145'
ET3 = '"sender":{"id":"xy5/5y6O81+/kbWHpLhBoA==","name":"ET3"}'


def message(number: int, body: str) -> str:
    """A message event with its own token."""
    return (
        f'{{"event":"message","timestamp":1481142112807,"message_token":{4987381189870374000 + number},'
        f'{ET3},"message":{body}}}'
    )


WEBHOOK = (
    '{"event":"webhook","timestamp":1663858877101,"chat_hostname":"SN-CHAT-03_","message_token":5753750845017966998}'
)
SUBSCRIBED = f'{{"event":"subscribed",{HEAD},"chat_hostname":"SN-149_","user":{JOHN}}}'
UNSUBSCRIBED = f'{{"event":"unsubscribed",{HEAD},"chat_hostname":"SN-149_","user_id":"jc9HsWTZ2Yf2NkRZ8KcNug=="}}'
STARTED = (
    f'{{"event":"conversation_started",{HEAD},"type":"open","context":"context information",'
    f'"user":{JOHN},"subscribed":false}}'
)
DELIVERED = (
    '{"event":"delivered","timestamp":1595324677891,"chat_hostname":"SN-CHAT-02_",'
    '"message_token":5466297578174182639,"user_id":"3SQNc4FPUQmysaM/AQEhXg=="}'
)
SEEN = DELIVERED.replace("delivered", "seen")
FAILED = f'{{"event":"failed",{HEAD},"user_id":"jc9HsWTZ2Yf2NkRZ8KcNug==","desc":"message validation failed"}}'
FAILED_WITHOUT_DESC = (
    '{"event":"failed","timestamp":1724144977404,"chat_hostname":"SN-CALLBACK-04_",'
    '"message_token":6006561542695701465,"user_id":"01234567890A==","udid":null}'
)
CLIENT_STATUS = (
    f'{{"event":"client_status",{HEAD},"chat_hostname":"sn-chat-04","user":{JOHN},"status":{{"type":"payment","code":0,'
    '"supported_psps":["IPay.ua","LiqPay","Portmone"],"tracking_data":"tracking data"}}'
)
TEXT = message(0, '{"type":"text","text":"incoming msg","tracking_data":"3055"}')
PICTURE = message(
    1, '{"type":"picture","text":"","media":"http://example.com/a.jpg","thumbnail":"http://example.com/t"}'
)
VIDEO = message(2, '{"type":"video","media":"http://example.com/v.mp4","size":10000,"duration":10}')
FILE = message(3, '{"type":"file","media":"http://example.com/f.pdf","file_name":"f.pdf","size":10000}')
CONTACT = message(4, '{"text":"incoming msg","type":"contact","contact":{"name":"Alex","phone_number":"+12067799191"}}')
LOCATION = message(5, '{"text":"incoming msg","type":"location","location":{"lat":1.2,"lon":-1.3}}')
URL = message(6, '{"text":"incoming msg","type":"url","media":"http://foo.com/"}')
STICKER = message(7, '{"text":"incoming msg","type":"sticker","sticker_id":"40133"}')

ALL = [
    WEBHOOK, SUBSCRIBED, UNSUBSCRIBED, STARTED, DELIVERED, SEEN, FAILED, FAILED_WITHOUT_DESC, CLIENT_STATUS,
    TEXT, PICTURE, VIDEO, FILE, CONTACT, LOCATION, URL, STICKER,
]  # fmt: skip
