"""Pure: plain values in, plain values out. No files, no clocks, no logging."""
