"""`python -m tam_viz`; the commands are in `tam_viz.cli`."""

from tam_viz.cli.app import main

if __name__ == "__main__":
    main()
