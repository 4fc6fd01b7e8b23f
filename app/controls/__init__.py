"""The performer's actions, as one table that keys, menus and buttons read."""
