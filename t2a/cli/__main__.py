"""python -m t2a.cli"""

import sys

from t2a.cli import main

if __name__ == "__main__":
    sys.exit(main())
