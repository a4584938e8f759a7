"""What an event can mean to the conversation: the triggers of the transition table."""

from __future__ import annotations

from enum import StrEnum


class Trigger(StrEnum):
    """The columns of the transition table."""

    # interrupts
    STOP = "stop"
    START = "start"
    PERSON = "person"
    # answers that carry their own meaning
    FREQUENCY = "frequency"  # weekly, monthly, every n days, a pause, some topics: in words or by an option
    # answers to an open question
    YES = "yes"
    NO = "no"
    NEVER_MIND = "never_mind"
    DONE = "done"
    SKIP = "skip"
    PRIVACY_CHOSEN = "privacy_chosen"
    NO_PERSONALISATION = "no_personalisation"
    CLOSED_OPTION = "closed_option"  # an option of a question that is no longer open
    # topics
    LESS = "less"
    PAUSE = "pause"
    TOPICS = "topics"
    COMPLAINT = "complaint"
    WITHDRAWAL = "withdrawal"  # the open complaint is taken back by its name
    DELETION = "account_deletion"
    PRIVACY = "privacy"
    HELP = "help"
    STATUS = "status"
    # uncertain readings
    UNSURE_STOP = "unsure_stop"
    UNSURE_START = "unsure_start"
    UNSURE_PERSON = "unsure_person"
    UNSURE_COMPLAINT = "unsure_complaint"
    # courtesy, and what is none of ours
    THANKS = "thanks"
    GREETING = "greeting"
    FAREWELL = "farewell"
    EMOJI = "emoji"
    NUMBER = "number"
    MEDIA = "media"
    WORDS = "words"
    # the platform, the clock, the agents
    STARTED = "conversation_started"
    FOLLOWED = "followed"
    SCANNED = "profile_scanned"
    LEFT = "left_platform"
    TOPIC_REFUSED = "topic_refused"
    UNKNOWN_MENU = "unknown_menu"
    COMPLAINT_ABANDONED = "complaint_abandoned"
    HANDOVER_UNANSWERED = "handover_unanswered"
    QUESTION_LAPSED = "question_lapsed"
    VOID_TIMER = "void_timer"
    AGENT_TOOK_OVER = "agent_took_over"
    AGENT_HANDED_BACK = "agent_handed_back"
