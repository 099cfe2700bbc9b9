//! Cards: the virtual one, the guard, the recorder.
