"""``python -m pytest_carbon.cli`` is ``pytest-carbon``."""

import sys

from pytest_carbon.cli.main import main

sys.exit(main())
