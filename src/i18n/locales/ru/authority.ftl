# Authority.
