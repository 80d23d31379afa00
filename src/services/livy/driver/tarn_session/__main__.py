"""python -m tarn_session: serves one session on its standard streams."""

import sys

from .channel import Channel
from .session import Session, log_stream


def main():
    channel = Channel.take_over_standard_streams()
    return Session(channel, log_stream()).run()


if __name__ == "__main__":
    sys.exit(main())
