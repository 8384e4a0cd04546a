"""What damaged and hostile files do to libraries, and how readers are kept from it."""
