"""``python -m twophoton_decode``: the command line."""

from twophoton_decode.cli.main import main

if __name__ == "__main__":
    main()
