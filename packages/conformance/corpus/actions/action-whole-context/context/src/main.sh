cd /action && find . -type f | sort
