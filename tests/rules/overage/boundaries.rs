//! Each state and each boundary, in a week that begins on Monday 2 November 2026.
