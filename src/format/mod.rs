//! Floor 1: bytes to model and back; where hostile input ends.
