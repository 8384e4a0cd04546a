"""The stage `extract` of a session: SESSION."""

import sys
from pathlib import Path

from twophoton_decode.pipeline.run import Session
from twophoton_decode.session.folder import SessionFolder

Session(SessionFolder.open(Path(sys.argv[1]))).run_only("extract")
