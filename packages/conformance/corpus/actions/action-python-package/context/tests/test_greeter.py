from greeter import greet

assert greet("x") == "Good day, x."
