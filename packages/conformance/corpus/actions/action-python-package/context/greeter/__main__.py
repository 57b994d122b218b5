import os
import sys
from greeter import greet

name = sys.argv[sys.argv.index("--name") + 1]
print(greet(name))
print(sorted(os.listdir("/opt/greeter")))
