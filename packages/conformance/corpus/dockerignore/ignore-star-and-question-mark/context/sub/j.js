sj
