xd
