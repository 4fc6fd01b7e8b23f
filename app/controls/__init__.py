"""What a performer can trigger, as one table: keys, menus and buttons all read it."""
