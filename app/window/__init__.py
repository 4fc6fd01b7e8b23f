"""The window as a whole: what is made, what is connected, and the menus."""
