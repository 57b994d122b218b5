jj
