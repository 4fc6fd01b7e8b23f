"""Work outside the GUI thread. Workers know no widgets; every slot that is called across threads has @Slot."""
