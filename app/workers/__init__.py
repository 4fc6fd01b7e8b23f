"""Work beside the GUI thread. Workers know no widget; every slot called across threads is decorated with @Slot."""
