# Paper.
