"""WeChat's callbacks, one of each kind, from its documentation and from published captures; and its official test vectors."""

from __future__ import annotations

from dataclasses import dataclass


def _cdata(text: str) -> str:
    return f"<![CDATA[{text}]]>"


def message(kind: str, body: str, at: int = 1348831860, sender: str = "fromUser") -> str:
    """A message of a kind, with the documentation's `MsgId`."""
    return (
        f"<xml><ToUserName>{_cdata('toUser')}</ToUserName><FromUserName>{_cdata(sender)}</FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType>{_cdata(kind)}</MsgType>{body}<MsgId>1234567890123456</MsgId></xml>"
    )


def event(name: str, body: str = "", at: int = 123456789, sender: str = "FromUser") -> str:
    """An event of a name."""
    return (
        f"<xml><ToUserName>{_cdata('toUser')}</ToUserName><FromUserName>{_cdata(sender)}</FromUserName>"
        f"<CreateTime>{at}</CreateTime><MsgType>{_cdata('event')}</MsgType><Event>{_cdata(name)}</Event>{body}</xml>"
    )


def chosen(*choices: tuple[str, str]) -> str:
    """The `List` entries of a subscription event: template and status."""
    return "".join(
        f"<List><TemplateId>{_cdata(template)}</TemplateId>"
        f"<SubscribeStatusString>{_cdata(status)}</SubscribeStatusString><PopupScene>2</PopupScene></List>"
        for template, status in choices
    )


EMPTY_KEY = "<EventKey><![CDATA[]]></EventKey>"
TEXT = message("text", "<Content><![CDATA[this is a test]]></Content><MsgDataId>xxxx</MsgDataId><Idx>xxxx</Idx>")
IMAGE = message("image", "<PicUrl><![CDATA[this is a url]]></PicUrl><MediaId><![CDATA[media_id]]></MediaId>")
VOICE = message(
    "voice",
    "<MediaId><![CDATA[media_id]]></MediaId><Format><![CDATA[amr]]></Format>"
    "<Recognition><![CDATA[腾讯微信团队]]></Recognition>",
)
MUTE_VOICE = message("voice", "<MediaId><![CDATA[media_id]]></MediaId><Format><![CDATA[amr]]></Format>")
VIDEO = message("video", "<MediaId><![CDATA[m]]></MediaId><ThumbMediaId><![CDATA[t]]></ThumbMediaId>")
SHORT_VIDEO = message("shortvideo", "<MediaId><![CDATA[m]]></MediaId><ThumbMediaId><![CDATA[t]]></ThumbMediaId>")
LOCATION = message(
    "location",
    "<Location_X>23.134521</Location_X><Location_Y>113.358803</Location_Y><Scale>20</Scale>"
    "<Label><![CDATA[位置信息]]></Label>",
)
LINK = message(
    "link",
    "<Title><![CDATA[公众平台官网链接]]></Title><Description><![CDATA[公众平台官网链接]]></Description>"
    "<Url><![CDATA[url]]></Url>",
)
MENU_TAP = message(
    "text", "<Content><![CDATA[满意]]></Content><bizmsgmenuid>101</bizmsgmenuid>", at=1500000000, sender="FromUser"
)
SUBSCRIBE = event("subscribe", EMPTY_KEY)
SUBSCRIBE_BY_CODE = event(
    "subscribe", "<EventKey><![CDATA[qrscene_123123]]></EventKey><Ticket><![CDATA[TICKET]]></Ticket>"
)
UNSUBSCRIBE = event("unsubscribe", EMPTY_KEY)
SCAN = event("SCAN", "<EventKey><![CDATA[123123]]></EventKey><Ticket><![CDATA[TICKET]]></Ticket>")
POSITION = event(
    "LOCATION",
    "<Latitude>23.137466</Latitude><Longitude>113.352425</Longitude><Precision>119.385040</Precision>",
)
CLICK = event("CLICK", "<EventKey><![CDATA[EVENTKEY]]></EventKey>")
VIEW = event("VIEW", "<EventKey><![CDATA[www.qq.com]]></EventKey>")
TEMPLATE_SENT = event(
    "TEMPLATESENDJOBFINISH", "<MsgID>200163836</MsgID><Status><![CDATA[success]]></Status>", at=1395658920
)
TEMPLATE_BLOCKED = TEMPLATE_SENT.replace("success", "failed:user block")
MASS_SENT = event(
    "MASSSENDJOBFINISH",
    "<MsgID>1000001625</MsgID><Status><![CDATA[err(30003)]]></Status><TotalCount>0</TotalCount>"
    "<FilterCount>0</FilterCount><SentCount>0</SentCount><ErrorCount>0</ErrorCount>"
    "<CopyrightCheckResult> \n </CopyrightCheckResult>",
    at=1481013459,
)
POPUP = event(
    "subscribe_msg_popup_event",
    f"<SubscribeMsgPopupEvent>{chosen(('VRR0', 'accept'), ('9nLI', 'reject'))}</SubscribeMsgPopupEvent>",
    at=1610969440,
)
CHANGE = event(
    "subscribe_msg_change_event",
    f"<SubscribeMsgChangeEvent>{chosen(('VRR0', 'reject'))}</SubscribeMsgChangeEvent>",
    at=1610969440,
)
CHANGE_IN_THE_OTHER_WRAPPER = CHANGE.replace("SubscribeMsgChangeEvent", "SubscribeMsgPopupEvent")
SENT = event(
    "subscribe_msg_sent_event",
    "<SubscribeMsgSentEvent><List><TemplateId><![CDATA[VRR0]]></TemplateId><MsgID>1700827132819554304</MsgID>"
    "<ErrorCode>0</ErrorCode><ErrorStatus><![CDATA[success]]></ErrorStatus></List></SubscribeMsgSentEvent>",
    at=1610969440,
)
KF_CREATE = event("kf_create_session", "<KfAccount><![CDATA[test1@test]]></KfAccount>", at=1399197672)
KF_CLOSE = event("kf_close_session", "<KfAccount><![CDATA[test1@test]]></KfAccount>", at=1399197672)
KF_SWITCH = event(
    "kf_switch_session",
    "<FromKfAccount><![CDATA[test1@test]]></FromKfAccount><ToKfAccount><![CDATA[test2@test]]></ToKfAccount>",
    at=1399197672,
)
REVOKED = event(
    "user_authorization_revoke",
    "<OpenID><![CDATA[owAqB1nqaOYYWl0Ng484G2z5NIwU]]></OpenID><AppID><![CDATA[wx13974bf780d3dc89]]></AppID>"
    "<RevokeInfo><![CDATA[1]]></RevokeInfo>",
    at=1626857200,
    sender="owAqB1v0ahK_Xlc7GshIDdf2yf7E",
)
ENTERED = (
    '{"ToUserName":"gh_123456789abc","FromUserName":"o7esq5OI1Uej6Xixw1lA2H7XDVbc","CreateTime":1610968440,'
    '"MsgType":"event","Event":"user_enter_tempsession","SessionFrom":"sessionFrom"}'
)
JSON_TEXT = (
    '{"ToUserName":"gh_123456789abc","FromUserName":"o7esq5OI1Uej6Xixw1lA2H7XDVbc","CreateTime":1610968440,'
    '"MsgType":"text","Content":"退订","MsgId":9007199254740993}'
)
JSON_CHANGE = (
    '{"ToUserName":"gh_123456789abc","FromUserName":"o7esq5OI1Uej6Xixw1lA2H7XDVbc","CreateTime":"1610968440",'
    '"MsgType":"event","Event":"subscribe_msg_change_event",'
    '"List":{"TemplateId":"BEwX0BOT","SubscribeStatusString":"reject"}}'
)
JSON_CHANGES = JSON_CHANGE.replace(
    '"List":{"TemplateId":"BEwX0BOT","SubscribeStatusString":"reject"}',
    '"List":[{"TemplateId":"BEwX0BOT","SubscribeStatusString":"reject"},'
    '{"TemplateId":"Other","SubscribeStatusString":"reject"}]',
)

ALL = [
    TEXT, IMAGE, VOICE, MUTE_VOICE, VIDEO, SHORT_VIDEO, LOCATION, LINK, MENU_TAP, SUBSCRIBE, SUBSCRIBE_BY_CODE,
    UNSUBSCRIBE, SCAN, POSITION, CLICK, VIEW, TEMPLATE_SENT, TEMPLATE_BLOCKED, MASS_SENT, POPUP, CHANGE,
    CHANGE_IN_THE_OTHER_WRAPPER, SENT, KF_CREATE, KF_CLOSE, KF_SWITCH, REVOKED, ENTERED, JSON_TEXT, JSON_CHANGE,
    JSON_CHANGES,
]  # fmt: skip


@dataclass(frozen=True)
class Vector:
    """A published encrypted callback."""

    token: str
    aes_key: str
    app_id: str
    timestamp: str
    nonce: str
    msg_signature: str
    encrypt: str
    holds: str


LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG"
VECTORS = [
    Vector(
        "AAAAA",
        "A" * 43,
        "wxba5fad812f8e6fb9",
        "1714112445",
        "415670741",
        "046e02f8204d34f8ba5fa3b1db94908f3df2e9b3",
        "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsX"
        "UnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajA"
        "sjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=",
        '"debug_str":"hello world"',
    ),
    Vector(
        "spamtest",
        LETTERS,
        "wx2c2769f8efd9abc2",
        "1409735669",
        "1320562132",
        "5d197aaffba7e9b25a30732f161a50dee96bd5fa",
        "hyzAe4OzmOMbd6TvGdIOO6uBmdJoD0Fk53REIHvxYtJlE2B655HuD0m8KUePWB3+LrPXo87wzQ1QLvbeUgmBM4x6F8PGHQHFVAFmOD2LdJF9"
        "FrXpbUAh0B5GIItb52sn896wVsMSHGuPE328HnRGBcrS7C41IzDWyWNlZkyyXwon8T332jisa+h6tEDYsVticbSnyU8dKOIbgU6ux5VTjg3y"
        "t+WGzjlpKn6NPhRjpA912xMezR4kw6KWwMrCVKSVCZciVGCgavjIQ6X8tCOp3yZbGpy0VxpAe+77TszTfRd5RJSVO/HTnifJpXgCSUdUue1v"
        "6h0EIBYYI1BD1DlD+C0CR8e6OewpusjZ4uBl9FyJvnhvQl+q5rv1ixrcpCumEPo5MJSgM9ehVsNPfUM669WuMyVWQLCzpu9GhglF2PE=",
        "<Content><![CDATA[abcdteT]]></Content>",
    ),
    Vector(
        "pamtest",
        LETTERS,
        "wxb11529c136998cb6",
        "1458300676",
        "260774613",
        "4f3ad57b6989f09f4eb392acce4f9e93942ed890",
        "rTNFcsut4LfGuAFKEUVVpwcaCOTJzOd9twZdIW910jb3k+iicx2uvhttIZ3Qg9Qgty3BEF2xbOrz6boTfb30dMomcgrkTqdFPwnhqbk+kIQ7"
        "rZiwny9D7NUrTgA5kpX3KsZvrXzUZyP2x9YOlxbgm572lmxKvM7HAQQhIQ/p6HBmoY30bGXFK0BtIu1pW9TjhOYrLQoU18nWYjWqDA1ynkmO"
        "ytpv7QRI1P1+0NoxL0q2zO1DgeSvnE8CZGo/o5Ap/WHK5W2RAsinpzN4/LjPnmB6U01I5XCoJoC0GK/yMZycd2Oh8Nq6+wBkC1U85oy0ktOY"
        "4nLvsQMLrourmMGdZHuTbqpeJ8Ao/5PRYJ+WBvRUwPfGKBL2+2IKZF49vAJqkcGWSHGE76ZN2erXeuNazf/o9o3lIE3q739o4c8t9QGPe31G"
        "T2Go/rOz1BsrASwvauNulCh+++yz+CQzBIuikA==",
        "hello",
    ),
]
