"""What is tried on an emulated arm64 board, and what it is compared with."""
