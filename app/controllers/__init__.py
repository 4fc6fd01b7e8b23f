"""Controllers, which turn the performer's actions into changes of the session, and these changes into sound."""
