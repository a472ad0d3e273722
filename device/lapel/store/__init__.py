"""What is kept on the device, always sealed: watchlist and journal."""
