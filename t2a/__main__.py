"""`python -m t2a` is the command `t2a`."""

import sys

from t2a.cli import main

sys.exit(main())
