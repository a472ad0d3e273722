"""What runs at the bench and at the station: enrolment, evaluation, receiving records."""
