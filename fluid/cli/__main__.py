"""`python -m fluid.cli`."""

from fluid.cli import main

main(prog_name="fluid")
