module slipway.local/testbed/runc-wrapper

go 1.24.0
