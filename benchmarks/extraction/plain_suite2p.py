"""The whole of suite2p with its default settings: TIFFS FOLDER RATE BLOCK."""

import sys
from pathlib import Path

import suite2p

tiffs, folder, rate, block = Path(sys.argv[1]), sys.argv[2], float(sys.argv[3]), int(sys.argv[4])
settings = suite2p.default_settings()
settings["fs"] = rate
settings["torch_device"] = "cpu"
settings["run"]["do_regmetrics"] = False
settings["registration"]["block_size"] = (block, block)
settings["classification"]["use_builtin_classifier"] = True
db = suite2p.default_db()
db["data_path"], db["save_path0"] = [str(tiffs)], folder
suite2p.run_s2p(db, settings)
