"""Controllers: each turns what the performer does into changes of the session, or the session's changes into sound."""
