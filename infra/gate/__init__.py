"""What `make check` asks: style, types, security and the template, all offline."""
