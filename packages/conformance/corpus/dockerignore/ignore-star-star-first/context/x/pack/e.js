xe
