module example.org/action

go 1.22
